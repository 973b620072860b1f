// Times of the wire (RFC 3339) by the organisation's clock, as the books and the receipts have it, year first in both
// languages. The clerk's computer may stand at any other zone.
const MINUTE_MS = 60_000
const two = (value: number): string => String(value).padStart(2, '0')

/** Minutes east of UTC; the server tells it before anything with a time is shown. */
let offset = 8 * 60
export function setClock(utc_offset_minutes: number): void {
  offset = utc_offset_minutes
}

/** An instant whose UTC fields are the organisation's. */
const shifted = (at: Date): Date => new Date(at.getTime() + offset * MINUTE_MS)

export function dateTime(text: string | null | undefined): string {
  if (text === null || text === undefined || text === '') return ''
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  const there = shifted(at)
  return `${localDate(at)} ${two(there.getUTCHours())}:${two(there.getUTCMinutes())}`
}

/** The organisation's day at this instant. */
export function localDate(at: Date): string {
  const there = shifted(at)
  return `${there.getUTCFullYear()}-${two(there.getUTCMonth() + 1)}-${two(there.getUTCDate())}`
}

/** The first day of the month that lies `months` before this instant's. */
export function monthBefore(at: Date, months: number): string {
  const there = shifted(at)
  const first = new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() - months, 1))
  return `${first.getUTCFullYear()}-${two(first.getUTCMonth() + 1)}-01`
}
