// @vitest-environment node
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a plain script
import { generate } from '../scripts/gen.mjs'

describe('the generated client', () => {
  it('is that of server/openapi.json (else: npm run gen)', async () => {
    const here = await readFile(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8')
    expect(here).toBe(await generate())
  })
})
