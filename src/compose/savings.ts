import type { Config } from '../config/schema.ts';
import { createSavingControl, type SavingControl, type SavingControlOptions } from '../savings/control.ts';

/** Who decides how each saving runs for a call, by the option `savings`. */
export const savingControlOf = ({ savings }: Config, options: SavingControlOptions = {}): SavingControl =>
  createSavingControl(savings, options);
