import type { Problem } from '@/api/problem'
import type { Account, CardView, Payment, Quote, Sale } from '@/api/types'

/**
 * Where the counter stands. The server is the authority; this is its view.
 *
 * idle → reading → ready → confirm → writing → done → (card out) idle
 *           │        choose: a blank card waits for its account
 *           └→ blocked: the card must not be sold to
 * A customer whose meter takes tokens needs no card: chosen → ready → confirm → writing → done → (Enter) idle.
 * checking: the line broke while charging; what happened is being asked. recovery: paid, and not yet on the card.
 */
export type Step = 'idle' | 'reading' | 'choose' | 'blocked' | 'ready' | 'confirm' | 'writing' | 'checking' | 'recovery' | 'done'

/** No card: the purchase is a row of digits on the receipt. */
export const takesTokens = (account: Account | null): boolean => account?.meter.carrier === 'token'

export type Mode = 'money' | 'energy'

export const PAYMENTS: readonly Payment[] = ['cash', 'wechat', 'alipay', 'bank']

export interface SaleState {
  step: Step
  /** Whether the reader holds a card now, as the server sees it. */
  cardIn: boolean
  card: CardView | null
  /** Recovery: what lies in the reader is not the card of the unfinished sale. */
  otherCard: boolean
  /** The account that a blank card is for, or whose meter takes tokens. */
  chosen: Account | null
  mode: Mode
  input: string
  /** The input is no number. */
  unreadable: boolean
  payment: Payment
  /** Belongs to mode and input as they stand. */
  quote: Quote | null
  quoting: boolean
  /** Why not: of the quote, of the charge, or of reading the card. */
  refusal: Problem | null
  /** Something changed by itself and must be seen before going on. */
  notice: Problem | null
  /** The line or the server broke off under a charge, and it is certain that nothing was sold: said until the clerk goes on. */
  unmade: boolean
  cash: string
  saleId: string | null
  sale: Sale | null
}

export function emptyState(): SaleState {
  return {
    step: 'idle', cardIn: false, card: null, otherCard: false, chosen: null, mode: 'money', input: '', unreadable: false, payment: 'cash',
    quote: null, quoting: false, refusal: null, notice: null, unmade: false, cash: '', saleId: null, sale: null,
  }
}

/** What the machine needs from outside; tests give their own. */
export interface SalePorts {
  workstation(): string | null
  quote(body: { workstation_id: string; account_id: string; session?: string; energy_wh?: number; amount_fen?: number }): Promise<Quote>
  sell(body: { id: string; quote: string; payment: Payment; cash_fen?: number }): Promise<Sale>
  sale(id: string): Promise<Sale>
  resume(id: string, workstation: string): Promise<Sale>
  readCard(workstation: string): Promise<CardView>
  newId(): string
  now(): number
  /** Survives a reload of this tab. */
  remember(id: string | null): void
  /** By money or by energy, as this computer's clerk last chose. */
  habit?(): Mode
  keepHabit?(mode: Mode): void
  remembered(): string | null
}
