import type { Params } from '@/api/problem'
import { decimal, fen, kwh } from './number'

/** Words for params that are codes themselves (a card kind, an account's status, a field's name). */
export type Words = (param: string, value: string) => string

/** Replaces `{name}` by the param of that name; the suffix of the name decides the form, as it does in the server. */
export function fill(text: string, params: Params, words: Words = (_, value) => value): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => show(name, params[name], words))
}

function show(name: string, value: unknown, words: Words): string {
  if (value === undefined || value === null) return '—'
  if (typeof value === 'number') {
    if (name.endsWith('_wh')) return kwh(value)
    if (name.endsWith('_fen')) return fen(value)
    if (name.endsWith('_micro')) return decimal(value, 6, 2)
    return String(value)
  }
  if (typeof value === 'string') return words(name, value)
  return JSON.stringify(value)
}
