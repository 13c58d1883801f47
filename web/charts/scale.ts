/** Round values from 0 to at least `max`, about `wanted` steps apart by 1, 2 or 5. */
export function ticks(max: number, wanted = 4): readonly number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999)!;
  return Array.from({ length: Math.ceil((max / step) * 0.999) + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Which of `length` slots get a label, so that labels `labelWidth` wide do not touch. */
export function labelled(length: number, width: number, labelWidth = 64): (at: number) => boolean {
  const every = Math.max(1, Math.ceil((length * labelWidth) / Math.max(1, width)));
  return (at) => at % every === 0;
}
