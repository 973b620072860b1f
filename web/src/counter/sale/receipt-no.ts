import type { Sale } from '@/api/types'
import { workstation } from '@/session/workstation'

/** As it is printed: the workstation's number, a dash, the number of its own row. Null until there is one. */
export function receiptNo(sale: Sale): string | null {
  if (typeof sale.receipt_no !== 'number') return null
  const counter = workstation.list.find((one) => one.id === sale.receipt_workstation_id)
  return counter === undefined ? String(sale.receipt_no) : `${counter.number}-${sale.receipt_no}`
}
