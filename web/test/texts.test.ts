import { describe, expect, it } from 'vitest'
import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'

function keys(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'string' ? [prefix + key] : keys(inner as object, `${prefix}${key}/`)))
}

describe('texts', () => {
  it('have the same keys in both languages', () => {
    expect(keys(en).sort()).toEqual(keys(zh).sort())
  })
  it('are all filled', () => {
    const empty = [...keys(zh)].filter((key) => key.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], zh) === '')
    expect(empty).toEqual([])
  })
  it('say what happened and what to do, for every code', () => {
    for (const [code, text] of Object.entries(zh.errors)) {
      expect(text.title.length, code).toBeGreaterThan(3)
      expect(text.action.length, code).toBeGreaterThan(3)
    }
  })
})
