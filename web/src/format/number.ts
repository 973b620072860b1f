// Integers of the wire (fen, Wh, micro-yuan) to text and back. Text only: no value is ever a fraction in a float.

/** `value` / 10^places with at least `keep` decimals, thousands grouped. */
export function decimal(value: number, places: number, keep: number): string {
  if (!Number.isSafeInteger(value)) return '—'
  const digits = String(Math.abs(value)).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',')
  let fraction = places === 0 ? '' : digits.slice(-places)
  while (fraction.length > keep && fraction.endsWith('0')) fraction = fraction.slice(0, -1)
  return `${value < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Yuan: `9968` as `99.68`. */
export const fen = (value: number): string => decimal(value, 2, 2)
/** kWh: `182000` as `182`, `18420` as `18.42`. */
export const kwh = (value: number): string => decimal(value, 3, 0)
/** Yuan per kWh: `546900` as `0.5469`. */
export const price = (micro: number): string => decimal(micro, 6, 4)
/** The same of a tariff that may have no price today. */
export const pricePerKwh = (micro: number | null | undefined): string => (typeof micro === 'number' ? price(micro) : '—')
/** kW: `8250` as `8.25`. */
export const kw = (watts: number): string => decimal(watts, 3, 0)
export const count = (value: number): string => decimal(value, 0, 0)

/** What an input method may have left in a field of figures: full-width digits and commas, 。 for the point, spaces. */
export function normalise(text: string): string {
  return text
    .replace(/[\uFF10-\uFF19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xFEE0))
    .replace(/[\u3002\uFF0E]/g, '.')
    .replace(/\uFF0C/g, ',')
    .replace(/\uFF0D/g, '-')
    .replace(/\s/g, '')
}

/**
 * `text` as an integer of 10^-places, or null if it is no number with at most that many decimals. Commas only between
 * thousands: in `1,5` somebody may have meant a point, and it would be ten times the money.
 */
export function parseDecimal(text: string, places: number): number | null {
  const plain = normalise(text)
  if (plain.includes(',') && !/^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) return null
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(plain.replaceAll(',', ''))
  if (match === null) return null
  const [, sign = '', whole = '', fraction = ''] = match
  if (whole === '' && fraction === '') return null
  if (fraction.length > places) return null
  const value = Number(`${whole}${fraction.padEnd(places, '0')}`)
  if (!Number.isSafeInteger(value)) return null
  return sign === '-' && value !== 0 ? -value : value
}

export const parseFen = (text: string): number | null => parseDecimal(text, 2)
export const parseWh = (text: string): number | null => parseDecimal(text, 3)
export const parseMicro = (text: string): number | null => parseDecimal(text, 6)
export const parseWhole = (text: string): number | null => parseDecimal(text, 0)
