/** The whole multiplier of two ratios, or null. Shown while typing; the account's own comes from the server. */
export function multiplierOf(pt: readonly [number | null, number | null], ct: readonly [number | null, number | null]): number | null {
  const [a, b] = pt
  const [c, d] = ct
  if (a === null || b === null || c === null || d === null || a <= 0 || b <= 0 || c <= 0 || d <= 0) return null
  const top = a * c
  const bottom = b * d
  return Number.isSafeInteger(top) && Number.isSafeInteger(bottom) && top % bottom === 0 ? top / bottom : null
}
