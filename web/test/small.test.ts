import { describe, expect, it } from 'vitest'
import { plot } from '@/analysis/series'
import type { AnalysisRow, Area } from '@/api/types'
import { cells, screens } from '@/bench/segments'
import { multiplierOf } from '@/counter/open/ratio'
import { readerProblem } from '@/counter/sale/reader-problem'
import { treeRows } from '@/office/area-tree'
import { goOn } from '@/router'

describe('multiplier', () => {
  it('is PT x CT, whole or nothing', () => {
    expect(multiplierOf([3000, 100], [50, 5])).toBe(300)
    expect(multiplierOf([3000, 100], [200, 5])).toBe(1200)
    expect(multiplierOf([1, 1], [1, 1])).toBe(1)
    expect(multiplierOf([1, 1], [7, 5])).toBeNull()
    expect(multiplierOf([1, 2], [4, 1])).toBe(2)
    expect(multiplierOf([0, 1], [1, 1])).toBeNull()
    expect(multiplierOf([null, 1], [1, 1])).toBeNull()
  })
})

describe('LED', () => {
  const text = (screen: { char: string; dot: boolean }[]): string => screen.map((cell) => cell.char + (cell.dot ? '.' : '')).join('')
  it('puts a point to its digit', () => {
    expect(cells('99.99')).toHaveLength(4)
    expect(cells('99.99')[1]).toMatchObject({ char: '9', dot: true })
  })
  it('cuts an item into screens of four', () => {
    expect(screens('HC==  1600').map(text)).toEqual(['HC==', '1600'])
    expect(screens('FXX=  8.25').map(text)).toEqual(['FXX=', ' 8.25'])
    expect(screens('654  00.00').map(text)).toEqual([' 654', '00.00'])
    expect(screens('E=00').map(text)).toEqual(['E=00'])
    expect(screens('PC== 0017').map(text)).toEqual(['PC==', '0017'])
    expect(screens('').map(text)).toEqual(['    '])
  })
})

describe('plot', () => {
  const row = (area_id: string, period: string, energy_wh: number): AnalysisRow => ({ area_id, area_name: area_id.toUpperCase(), period, sales: 1, energy_wh, amount_fen: 100 } as AnalysisRow)
  it('has one series per area over all periods, with gaps', () => {
    const drawn = plot([row('a', '2026-02', 2000), row('b', '2026-01', 1000), row('a', '2026-01', 500)], 'energy')
    expect(drawn.periods).toEqual(['2026-01', '2026-02'])
    expect(drawn.series).toEqual([{ area_id: 'a', name: 'A', values: [0.5, 2] }, { area_id: 'b', name: 'B', values: [1, null] }])
  })
  it('says when areas are left out of the picture', () => {
    const rows = Array.from({ length: 9 }, (_, n) => row(`a${n}`, '2026-01', 1))
    expect(plot(rows, 'sales')).toMatchObject({ cut: true, series: { length: 8 } })
  })
})

describe('area tree', () => {
  const area = (id: string, parent_id: string | null): Area => ({ id, parent_id, code: id, name: id, kind: 'line', path_name: id } as Area)
  it('stands children under their parents and loses none, not even a circle', () => {
    const rows = treeRows([area('c', 'b'), area('a', null), area('b', 'a'), area('x', 'gone')])
    expect(rows.map((row) => `${row.depth}${row.area.id}`)).toEqual(['0a', '1b', '2c', '0x'])
  })
})

describe('reader', () => {
  it('says what keeps it from working', () => {
    const state = (kind: string) => ({ workstation_id: 'w', connected: true, reader: { state: kind, driver_id: 'ccid-serial', port: '/dev/ttyUSB0' }, card: null }) as never
    expect(readerProblem(state('ready'), 'w')).toBeNull()
    expect(readerProblem(state('searching'), 'w')).toBeNull()
    expect(readerProblem(state('absent'), 'w')).toEqual({ code: 'reader.absent', params: { port: '/dev/ttyUSB0', driver_id: 'ccid-serial' } })
    expect(readerProblem({ connected: false } as never, 'w')?.code).toBe('station.offline')
  })
})

describe('after signing in', () => {
  it('goes on inside this page only', () => {
    expect(goOn('/open?x=1')).toBe('/open?x=1')
    for (const bad of ['//evil.example', 'https://evil.example', undefined, 3]) expect(goOn(bad)).toBe('/sale')
  })
})
