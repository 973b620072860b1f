import type { AnalysisRow } from '@/api/types'

export type Measure = 'energy' | 'amount' | 'sales'
export const MOST_AREAS = 8

/** The figure in the unit of the axis: kWh, yuan, or a count. Only for drawing. */
export function figure(row: AnalysisRow, measure: Measure): number {
  if (measure === 'energy') return row.energy_wh / 1000
  return measure === 'amount' ? row.amount_fen / 100 : row.sales
}

export interface Series { area_id: string; name: string; values: (number | null)[] }
export interface Plot { periods: string[]; series: Series[]; cut: boolean }

/** One line of values per area over all periods; a period without sales is a gap, not a zero of somebody's making. */
export function plot(rows: readonly AnalysisRow[], measure: Measure): Plot {
  const periods = [...new Set(rows.map((row) => row.period))].sort()
  const areas = [...new Map(rows.map((row) => [row.area_id, row.area_name])).entries()]
  const found = new Map(rows.map((row) => [`${row.area_id} ${row.period}`, row]))
  return {
    periods,
    cut: areas.length > MOST_AREAS,
    series: areas.slice(0, MOST_AREAS).map(([area_id, name]) => ({
      area_id,
      name,
      values: periods.map((period) => {
        const row = found.get(`${area_id} ${period}`)
        return row === undefined ? null : figure(row, measure)
      }),
    })),
  }
}
