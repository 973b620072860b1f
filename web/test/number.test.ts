import { describe, expect, it } from 'vitest'
import { decimal, fen, kwh, normalise, parseDecimal, parseFen, parseMicro, parseWh, price } from '@/format/number'
import { uuidv7 } from '@/format/uuid'
import { fill } from '@/format/fill'

describe('integers to text', () => {
  it.each([
    [fen(0), '0.00'], [fen(5), '0.05'], [fen(9968), '99.68'], [fen(-1250), '-12.50'], [fen(123_456_789), '1,234,567.89'],
    [kwh(182_000), '182'], [kwh(18_420), '18.42'], [kwh(500), '0.5'], [kwh(-62_000), '-62'], [kwh(30_000_000), '30,000'],
    [price(546_900), '0.5469'], [price(560_000), '0.5600'], [price(568_312), '0.568312'], [decimal(7, 0, 0), '7'], [decimal(Number.NaN, 2, 2), '—'],
  ])('%s is %s', (made, wanted) => expect(made).toBe(wanted))
})

describe('text to integers', () => {
  it.each([
    [parseFen('100'), 10_000], [parseFen('99.5'), 9_950], [parseFen('0.05'), 5], [parseFen('.5'), 50], [parseFen('1,000'), 100_000], [parseFen('12\uFF0C345.6'), 1_234_560],
    [parseFen('0.29'), 29], [parseFen('-3'), -300], [parseFen('-0'), 0], [parseWh('182.5'), 182_500], [parseMicro('0.5469'), 546_900],
    [parseFen('1.005'), null], [parseFen('1,5'), null], [parseFen('1\uFF0C5'), null], [parseFen('1000,000'), null], [parseFen('0.1,000'), null], [parseFen(''), null], [parseFen('.'), null], [parseFen('abc'), null], [parseFen('1e3'), null], [parseFen('99999999999999999'), null],
  ])('%s is %s', (made, wanted) => expect(made).toBe(wanted))

  it('takes what an input method leaves', () => {
    expect(normalise('\uFF11\uFF10\uFF10\u3002\uFF15')).toBe('100.5')
    expect(parseFen(' \uFF19\uFF19\uFF0E\uFF16 ')).toBe(9_960)
  })

  it('gives back what it was given', () => {
    for (const value of [0, 1, 99, 100, 101, 1_234_567, 900_719_925_474_099]) {
      expect(parseDecimal(decimal(value, 2, 2), 2)).toBe(value)
      expect(parseDecimal(decimal(value, 3, 0), 3)).toBe(value)
    }
  })
})

describe('uuidv7', () => {
  it('has its time first, version 7 and variant 10', () => {
    const id = uuidv7(0x0192_3456_789A, new Uint8Array(16).fill(0xFF))
    expect(id).toBe('01923456-789a-7fff-bfff-ffffffffffff')
    expect(uuidv7(1) < uuidv7(2)).toBe(true)
    expect(new Set(Array.from({ length: 1000 }, () => uuidv7())).size).toBe(1000)
  })
})

describe('fill', () => {
  it('shows figures in the unit people read, as the server does', () => {
    const params = { lower_wh: 900_000, x_wh: -1_500, amount_fen: 10_005, price_micro: 560_000, n: 3, kind: 'clear' }
    expect(fill('{lower_wh} {x_wh} {amount_fen} {price_micro} {n} {gone} {', params)).toBe('900 -1.5 100.05 0.56 3 — {')
    expect(fill('{kind}', params, (name, value) => `${name}:${value}`)).toBe('kind:clear')
  })
})
