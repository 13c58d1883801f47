import type { AuditResult } from '../audit/audit.ts';
import type { ReadNotes } from '../audit/read/read.ts';
export const auditHtml = (_result: AuditResult, _notes: ReadNotes, _at: Date): string => '';
