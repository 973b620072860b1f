import { vi } from 'vitest'
import { Problem } from '@/api/problem'
import type { Account, CardView, Quote, Sale } from '@/api/types'
import { createSale } from '@/counter/sale/machine'
import type { SalePorts } from '@/counter/sale/state'

export const account = (id = 'acc-1'): Account => ({
  id, user_no: '00000161', name: 'Wang', unit: '', address: '3-501', phone: '', area_id: 'a', area_name: 'Area', status: 'open',
  meter: { id: 'm', factory_no: '00001234', meter_type_id: 'mt', meter_type: 'DDSY', driver_id: 'gbt18460.open-a', carrier: 'card' }, tariff: { id: 't', name: 'Home', price_micro: 560_000 },
  multiplier: 1, pt_primary: 1, pt_secondary: 1, ct_primary: 1, ct_secondary: 1, limit_mode: 0, capacity_w: 8000, sold_count: 1, acked_count: 1, adjustment_pending_wh: 0, preset_pending_wh: 0, version: 1, card_no: 1,
})

/** Whose meter takes tokens. */
export const keypad = (): Account => {
  const one = account('acc-k')
  return { ...one, card_no: null, meter: { ...one.meter, factory_no: '86000300011', driver_id: 'sts.ea11', carrier: 'token' } }
}

export const card = (over: Partial<CardView> = {}): CardView => ({
  session: 's1', kind: 'purchase', tries: 3, account: account(), purchase: { count: 1, quantity_wh: 100_000 }, returned: null, unused: false,
  open_sale: null, maybe_sale: null, maybe_sales: over.maybe_sale ? [over.maybe_sale] : [], problems: [], last_sales: [], ...over,
} as CardView)

export const blank = (session = 'b1'): CardView => card({ session, kind: 'blank', account: null, purchase: null })

export const quote = (over: Partial<Quote> = {}): Quote => ({
  quote: 'signed', account_id: 'acc-1', kind: 'purchase', energy_wh: 178_000, amount_fen: 9_968, change_fen: 32, price_micro: 560_000, tariff_version_id: 'v',
  multiplier: 1, adjustment_wh: 0, carry_wh: 0, preset_deducted_wh: 0, quantity_wh: 178_000, count: 2, alarm_wh: 18_000, hoard_wh: 0,
  will_load: { answer: 'yes' }, warnings: [], expires_at: '2026-01-01T00:00:00Z', ...over,
} as Quote)

export const made = (id: string, over: Partial<Sale> = {}): Sale => ({
  id, kind: 'purchase', state: 'committed', account_id: 'acc-1', user_no: '00000161', name: 'Wang', count: 2, energy_wh: 178_000, amount_fen: 9_968,
  quantity_wh: 178_000, adjustment_wh: 0, preset_deducted_wh: 0, price_micro: 560_000, workstation_id: 'w', site_name: 'S', operator_name: 'O',
  receipt_no: 1, receipt_workstation_id: 'w', step: null, problem: null, authorised_at: '2026-01-01T00:00:00Z', committed_at: '2026-01-01T00:00:03Z', meter_no: '00001234',
  driver_id: 'd', driver_version: '1', cash_fen: null, change_fen: null, ...over,
} as Sale)

export const gone = (): Problem => new Problem('request.not_found', {}, 404)
export const offline = (): Problem => new Problem('offline')

/** A counter with a memory that a "reload" can be tried on. */
export function counter(over: Partial<SalePorts> = {}, memory: { id: string | null } = { id: null }) {
  let clock = 0
  let ids = 0
  const ports = {
    workstation: () => 'w',
    quote: vi.fn(async () => quote()),
    sell: vi.fn(async (body: { id: string }) => made(body.id)),
    sale: vi.fn(async (): Promise<Sale> => { throw gone() }),
    resume: vi.fn(async (id: string) => made(id)),
    readCard: vi.fn(async () => card()),
    newId: () => `sale-${++ids}`,
    now: () => clock,
    remember: (id: string | null) => { memory.id = id },
    remembered: () => memory.id,
    ...over,
  }
  const sale = createSale(ports as SalePorts)
  const place = (session: string | null, first = false, reader = 'ready'): void => sale.onState({
    workstation_id: 'w', connected: true, reader: { state: reader, driver_id: 'd', port: 'p' }, card: session === null ? null : { session, chip: 'sle4442' },
  } as Parameters<typeof sale.onState>[0], first)
  return {
    sale, ports, memory, place,
    state: sale.state,
    insert(view: CardView) {
      place(view.session)
      sale.onCard(view)
    },
    async type(text: string) {
      sale.setInput(text)
      await vi.advanceTimersByTimeAsync(300)
    },
    async enter(after = 1_000) {
      clock += after
      await sale.enter()
    },
  }
}
