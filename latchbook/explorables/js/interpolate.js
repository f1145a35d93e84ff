// Stands under d3-scale in the place of d3-interpolate. Ranges here are numbers; colours, dates and
// lists would come along for twice the bytes of the scales.
export const interpolateNumber = (from, to) => (share) => from * (1 - share) + to * share;

/** Asked for by name in scales that the book does not use. */
export function piecewise() {
  throw new Error("no scale here is made of pieces");
}

export { interpolateNumber as interpolate, interpolateNumber as interpolateRound };
