// Times of the wire (RFC 3339) in the browser's own zone, year first in both languages.
const two = (value: number): string => String(value).padStart(2, '0')

export function dateTime(text: string | null | undefined): string {
  if (text === null || text === undefined || text === '') return ''
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  return `${localDate(at)} ${two(at.getHours())}:${two(at.getMinutes())}`
}

export function localDate(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
