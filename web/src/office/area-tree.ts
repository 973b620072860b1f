import type { Area } from '@/api/types'

export interface Row { area: Area; depth: number }

/** The areas from the top down, each under its parent. What has lost its parent stands at the top. */
export function treeRows(areas: readonly Area[]): Row[] {
  const known = new Set(areas.map((area) => area.id))
  const children = new Map<string | null, Area[]>()
  for (const area of areas) {
    const parent = area.parent_id && known.has(area.parent_id) ? area.parent_id : null
    children.set(parent, [...(children.get(parent) ?? []), area])
  }
  const rows: Row[] = []
  const seen = new Set<string>()
  const walk = (parent: string | null, depth: number): void => {
    for (const area of children.get(parent) ?? []) {
      if (seen.has(area.id)) continue
      seen.add(area.id)
      rows.push({ area, depth })
      walk(area.id, depth + 1)
    }
  }
  walk(null, 0)
  return rows
}
