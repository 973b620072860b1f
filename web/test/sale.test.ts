import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import type { Quote, Sale } from '@/api/types'
import { account, blank, card, counter, gone, made, offline, quote } from './sale-fixtures'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('a sale at the counter', () => {
  it('is card, digits, Enter, Enter, card out', async () => {
    const c = counter()
    expect(c.state.step).toBe('idle')
    c.place('s1')
    expect(c.state.step).toBe('reading')
    c.sale.onCard(card())
    expect(c.state.step).toBe('ready')
    await c.type('100')
    expect(c.ports.quote).toHaveBeenCalledWith({ workstation_id: 'w', account_id: 'acc-1', session: 's1', amount_fen: 10_000 })
    await c.enter()
    expect(c.state.step).toBe('confirm')
    await c.enter()
    expect(c.ports.sell).toHaveBeenCalledWith({ id: 'sale-1', quote: 'signed', payment: 'cash' })
    expect(c.state.step).toBe('done')
    expect(c.memory.id).toBe('sale-1')
    c.place(null)
    expect(c.memory.id).toBeNull()
    expect(c.state).toMatchObject({ step: 'idle', input: '', sale: null, card: null })
  })

  it('asks for the card itself when its event was lost', async () => {
    const c = counter()
    c.place('s1')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(c.ports.readCard).toHaveBeenCalledOnce()
    expect(c.state.step).toBe('ready')
  })

  it('says why a card cannot be read, and reads again on Enter', async () => {
    const c = counter()
    c.sale.onState({ workstation_id: 'w', connected: true, reader: { state: 'ready', driver_id: 'd', port: 'p' }, card: null, card_problem: 'card.unknown' } as Parameters<typeof c.sale.onState>[0])
    expect(c.state).toMatchObject({ step: 'reading', refusal: { code: 'card.unknown' } })
    await c.enter()
    expect(c.state.step).toBe('ready')
  })

  it('keeps the id before it sends anything', async () => {
    const order: string[] = []
    const c = counter({
      remember: (id) => { order.push(`remember ${id}`) },
      sell: async ({ id }) => { order.push(`sell ${id}`); return made(id) },
    })
    c.insert(card())
    await c.type('100')
    await c.enter()
    await c.enter()
    expect(order.filter((one) => one !== 'remember null').slice(0, 2)).toEqual(['remember sale-1', 'sell sale-1'])
  })

  it('cannot be sold twice by a double or bouncing Enter', async () => {
    let release: (sale: Sale) => void = () => undefined
    const c = counter({ sell: vi.fn(() => new Promise<Sale>((resolve) => { release = resolve })) })
    c.insert(card())
    await c.type('100')
    await c.enter()
    await c.enter(50)
    expect(c.state.step).toBe('confirm')
    const first = c.enter()
    const second = c.enter()
    expect(c.state.step).toBe('writing')
    release(made('sale-1'))
    await Promise.all([first, second])
    expect(c.ports.sell).toHaveBeenCalledOnce()
  })

  it('throws away quotes for what is no longer in the field', async () => {
    const waiting: ((quote: Quote) => void)[] = []
    const c = counter({ quote: vi.fn(() => new Promise<Quote>((resolve) => waiting.push(resolve))) })
    c.insert(card())
    await c.type('1')
    await c.type('100')
    waiting[1]?.(quote({ amount_fen: 9_968 }))
    waiting[0]?.(quote({ amount_fen: 56 }))
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state.quote?.amount_fen).toBe(9_968)
  })

  it('waits for the quote when Enter comes first, and never confirms an old one', async () => {
    const c = counter()
    c.insert(card())
    c.sale.setInput('100')
    await c.enter()
    expect(c.state.step).toBe('confirm')
    c.sale.escape()
    c.sale.setInput('')
    await c.enter()
    expect(c.state.step).toBe('ready')
  })

  it('does not confirm when the card went out while the server computed', async () => {
    const c = counter({ quote: vi.fn(async () => { c.place(null); return quote() }) })
    c.insert(card())
    c.sale.setInput('100')
    await c.enter()
    expect(c.state.step).toBe('idle')
  })
})

describe('money', () => {
  async function confirming(over: Parameters<typeof counter>[0] = {}) {
    const c = counter(over)
    c.insert(card())
    await c.type('100')
    await c.enter()
    return c
  }
  it('takes cash received as digits, in fen', async () => {
    const c = await confirming()
    c.state.cash = '120'
    await c.enter()
    expect(c.ports.sell).toHaveBeenCalledWith(expect.objectContaining({ cash_fen: 12_000 }))
  })
  it('refuses too little cash before asking the server', async () => {
    const c = await confirming()
    c.state.cash = '90'
    await c.enter()
    expect(c.state).toMatchObject({ step: 'confirm', refusal: { code: 'sale.cash_short' } })
    expect(c.ports.sell).not.toHaveBeenCalled()
  })
  it('stays at cash that the server refuses, with what was typed', async () => {
    const c = await confirming({ sell: vi.fn<(body: { id: string }) => Promise<Sale>>().mockRejectedValue(new Problem('request.field', { field: 'cash_fen', rule: 'change' }, 422)) })
    c.state.cash = '99999999'
    await c.enter()
    expect(c.state).toMatchObject({ step: 'confirm', cash: '99999999', refusal: { code: 'request.field' } })
    expect(c.state.quote).not.toBeNull()
  })
  it('sends no cash with other payments', async () => {
    const c = await confirming()
    c.state.cash = '120'
    c.sale.nextPayment()
    await c.enter()
    expect(c.ports.sell).toHaveBeenCalledWith({ id: 'sale-1', quote: 'signed', payment: 'wechat' })
  })
  it('shows a changed price and wants Enter again', async () => {
    const sell = vi.fn<(body: { id: string }) => Promise<Sale>>().mockRejectedValueOnce(new Problem('sale.price_changed', { price_micro: 600_000 }, 409)).mockImplementation(async ({ id }) => made(id))
    const c = await confirming({ sell })
    await c.enter()
    expect(c.state).toMatchObject({ step: 'confirm', notice: { code: 'sale.price_changed' } })
    expect(c.ports.quote).toHaveBeenCalledTimes(2)
    await c.enter()
    expect(c.state.step).toBe('done')
    expect(sell).toHaveBeenCalledTimes(2)
  })
})

describe('refusals', () => {
  it('keeps the neighbours and takes one of them', async () => {
    const ask = vi.fn<(body: object) => Promise<Quote>>().mockRejectedValueOnce(new Problem('sale.not_multiple', { multiplier: 300, lower_wh: 900_000, upper_wh: 1_200_000 }, 422)).mockResolvedValue(quote())
    const c = counter({ quote: ask })
    c.insert(card())
    c.sale.setMode('energy')
    await c.type('1000')
    expect(c.state.refusal?.code).toBe('sale.not_multiple')
    await c.enter()
    expect(c.state.step).not.toBe('confirm')
  })
  it('takes a neighbour as energy', async () => {
    const c = counter()
    c.insert(card())
    c.sale.takeEnergy(1_200_000)
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ mode: 'energy', input: '1200' })
    expect(c.ports.quote).toHaveBeenLastCalledWith(expect.objectContaining({ energy_wh: 1_200_000 }))
  })
  it('stops at a card that must not be sold to', () => {
    const c = counter()
    c.insert(card({ unused: true, problems: [{ code: 'card.not_loaded', params: {}, blocking: true }] }))
    expect(c.state.step).toBe('blocked')
    c.place(null)
    expect(c.state.step).toBe('idle')
  })
  it('asks whose card a blank one is, and sells to the chosen account', async () => {
    const c = counter()
    c.insert(blank())
    expect(c.state.step).toBe('choose')
    c.sale.choose(account('acc-9'))
    expect(c.state.step).toBe('ready')
    await c.type('50')
    expect(c.ports.quote).toHaveBeenCalledWith(expect.objectContaining({ account_id: 'acc-9', session: 'b1' }))
  })
  it('keeps the chosen account when the blank card comes later, and drops it for another card', () => {
    const c = counter()
    c.sale.choose(account('acc-9'))
    c.insert(blank())
    expect(c.state.step).toBe('ready')
    c.place(null)
    expect(c.state.chosen?.id).toBe('acc-9')
    c.insert(card())
    expect(c.state.chosen).toBeNull()
    expect(c.sale.account.value?.id).toBe('acc-1')
  })
})

describe('what breaks in between', () => {
  async function charging(over: Parameters<typeof counter>[0], memory?: { id: string | null }) {
    const c = counter(over, memory)
    c.insert(card())
    await c.type('100')
    await c.enter()
    return c
  }

  it('asks what became of it when the answer is lost, and shows the sale that was made', async () => {
    const ask = vi.fn<(id: string) => Promise<Sale>>().mockRejectedValueOnce(offline()).mockRejectedValueOnce(offline()).mockImplementation(async (id) => made(id))
    const c = await charging({ sell: vi.fn(async () => { throw offline() }), sale: ask })
    const done = c.enter()
    await vi.advanceTimersByTimeAsync(100)
    expect(c.state.step).toBe('checking')
    expect(c.memory.id).toBe('sale-1')
    await vi.advanceTimersByTimeAsync(5_000)
    await done
    expect(c.state.step).toBe('done')
    expect(c.ports.sell).toHaveBeenCalledOnce()
  })

  it('wants a new Enter when no sale was made, and sends the same id', async () => {
    const sell = vi.fn<(body: { id: string }) => Promise<Sale>>().mockRejectedValueOnce(offline()).mockImplementation(async ({ id }) => made(id))
    const c = await charging({ sell, sale: vi.fn(async () => { throw gone() }) })
    await c.enter()
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ step: 'confirm', notice: { code: 'sale.not_made' } })
    await c.enter()
    expect(sell.mock.calls.map(([body]) => body.id)).toEqual(['sale-1', 'sale-1'])
    expect(c.state.step).toBe('done')
  })

  it('reads the card again when it has another session after a restart, and keeps the amount', async () => {
    const restarted = { session: 's1' }
    const c = await charging({
      sell: vi.fn(async () => { restarted.session = 's2'; throw offline() }), sale: vi.fn(async () => { throw gone() }),
      quote: vi.fn(async ({ session }: { session?: string }) => { if (session !== restarted.session) throw new Problem('card.changed', {}, 409); return quote() }),
      readCard: vi.fn(async () => card({ session: restarted.session })),
    })
    await c.enter()
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ step: 'confirm', input: '100', saleId: 'sale-1', notice: { code: 'sale.not_made' }, unmade: false })
  })

  it('says that nothing was sold when the card is gone by then, until the clerk goes on', async () => {
    let answer: (problem: Problem) => void = () => undefined
    const c = await charging({ sell: vi.fn(async () => { throw offline() }), sale: vi.fn(() => new Promise<Sale>((_, no) => { answer = no })) })
    const done = c.enter()
    await vi.advanceTimersByTimeAsync(100)
    c.place(null)
    answer(gone())
    await done
    expect(c.state).toMatchObject({ step: 'idle', unmade: true })
    c.insert(card({ session: 's2' }))
    expect(c.state).toMatchObject({ step: 'ready', unmade: true, input: '' })
    await c.type('50')
    expect(c.state.unmade).toBe(false)
  })

  it('finds its sale again after a reload', async () => {
    const memory = { id: 'sale-7' as string | null }
    const c = counter({ sale: vi.fn(async (id: string) => made(id)) }, memory)
    c.sale.restore()
    expect(c.state.step).toBe('checking')
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ step: 'done', sale: { id: 'sale-7' } })
    c.sale.clear()
    expect(memory.id).toBeNull()
  })

  it('keeps the finished sale on the screen after a reload, while its card is in', async () => {
    const c = counter({ sale: vi.fn(async (id: string) => made(id)), readCard: vi.fn(async () => card({ unused: true, problems: [{ code: 'card.not_loaded', params: {}, blocking: true }] })) }, { id: 'sale-7' })
    c.sale.restore()
    await vi.advanceTimersByTimeAsync(0)
    c.place('s1', true)
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state.step).toBe('done')
    c.place(null)
    expect(c.state.step).toBe('idle')
  })

  it('shows the next card when it came in while the page was away', async () => {
    const c = counter({ sale: vi.fn(async (id: string) => made(id)), readCard: vi.fn(async () => card({ session: 's2', account: account('acc-2') })) }, { id: 'sale-7' })
    c.sale.restore()
    await vi.advanceTimersByTimeAsync(0)
    c.place('s2', true)
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ step: 'ready', sale: null })
  })

  it('shows the next card also when the workstation told of it before the sale was found again', async () => {
    for (const now of [card({ session: 's2', account: account('acc-2') }), card({ session: 's2' })]) {
      const c = counter({ sale: vi.fn(async (id: string) => made(id)), readCard: vi.fn(async () => now) }, { id: 'sale-7' })
      c.sale.restore()
      c.place('s2', true)
      await vi.advanceTimersByTimeAsync(0)
      expect(c.state).toMatchObject({ step: 'ready', sale: null })
    }
  })

  it('keeps the finished sale while the reader is away, and looks whose card comes back with it', async () => {
    const waiting = card({ unused: true, problems: [{ code: 'card.not_loaded', params: {}, blocking: true }] })
    for (const [back, step] of [[waiting, 'done'], [card({ session: 's3', account: account('acc-2') }), 'ready']] as const) {
      const c = counter({ readCard: vi.fn(async () => back) })
      c.insert(card())
      await c.type('100')
      await c.enter()
      await c.enter()
      c.place(null, false, 'absent')
      expect(c.state).toMatchObject({ step: 'done', cardIn: false })
      expect(c.memory.id).toBe('sale-1')
      c.place(null)
      c.place('s3')
      await vi.advanceTimersByTimeAsync(0)
      expect(c.state.step).toBe(step)
    }
  })

  it('turns to the account that was opened meanwhile, once the sale of before has ended', async () => {
    const c = counter({ sale: vi.fn(async (id: string) => made(id)), readCard: vi.fn(async () => blank('b2')) }, { id: 'sale-7' })
    void c.sale.restore(account('acc-9'))
    c.place('b2', true)
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state).toMatchObject({ step: 'ready', sale: null, chosen: { id: 'acc-9' } })
    const open = counter({ sale: vi.fn(async (id: string) => made(id, { state: 'authorised', step: 'waiting-card', receipt_no: null })) }, { id: 'sale-7' })
    void open.sale.restore(account('acc-9'))
    await vi.advanceTimersByTimeAsync(0)
    expect(open.state).toMatchObject({ step: 'recovery', sale: { id: 'sale-7' } })
  })

  it('keeps the way of selling that the clerk chose, and not the one that cured a single sale', async () => {
    let habit: 'money' | 'energy' = 'money'
    const c = counter({ habit: () => habit, keepHabit: (mode) => { habit = mode } })
    c.insert(card())
    c.sale.takeEnergy(8_999_000)
    expect(c.state.mode).toBe('energy')
    c.place(null)
    c.insert(card({ session: 's2' }))
    expect([c.state.mode, habit]).toEqual(['money', 'money'])
    c.sale.toggleMode()
    c.place(null)
    expect([c.state.mode, habit]).toEqual(['energy', 'energy'])
    expect(counter({ habit: () => habit }).state.mode).toBe('energy')
  })

  it('goes back to the start after a reload when nothing was made', async () => {
    const c = counter({}, { id: 'sale-7' })
    c.sale.restore()
    await vi.advanceTimersByTimeAsync(0)
    expect(c.state.step).toBe('idle')
  })

  it('reads the card that is in when, after a reload, nothing was made', async () => {
    const c = counter({}, { id: 'sale-7' })
    c.sale.restore()
    c.place('s1')
    expect(c.state.step).toBe('checking')
    await vi.advanceTimersByTimeAsync(0)
    expect(c.ports.readCard).toHaveBeenCalledOnce()
    expect(c.state.step).toBe('ready')
  })

  const torn = (id: string): Sale => made(id, { state: 'authorised', step: 'waiting-card', problem: { code: 'write.removed', params: {} }, receipt_no: null, committed_at: null })

  it('shows an interrupted write as recovery, keeps it while the card is out, and ends when the server says so', async () => {
    const c = await charging({ sell: async ({ id }) => torn(id) })
    await c.enter()
    expect(c.state.step).toBe('recovery')
    c.place(null)
    expect(c.state.step).toBe('recovery')
    c.place('s2')
    c.sale.onCard(card({ session: 's2', kind: 'torn', account: account(), open_sale: made('sale-1', { state: 'authorised', step: 'writing' }) }))
    expect(c.state.step).toBe('writing')
    c.sale.onSale(made('sale-1'))
    expect(c.state.step).toBe('done')
  })

  it('asks by itself when the events are lost', async () => {
    const c = await charging({ sell: async ({ id }) => torn(id), sale: vi.fn(async (id: string) => made(id)) })
    await c.enter()
    await vi.advanceTimersByTimeAsync(2_500)
    expect(c.state.step).toBe('done')
  })

  it('never takes back a finished sale for an old answer', async () => {
    const c = await charging({})
    await c.enter()
    c.sale.onSale(torn('sale-1'))
    expect(c.state.step).toBe('done')
  })

  it('recovers the sale that a card brings along', () => {
    const c = counter()
    c.insert(card({ kind: 'torn', open_sale: torn('old') }))
    expect(c.state).toMatchObject({ step: 'recovery', saleId: 'old' })
  })

  it('asks whether a blank card is the one that was begun, and goes on or not as the clerk says', async () => {
    const c = counter()
    const view = card({ session: 'b9', kind: 'blank', account: null, purchase: null, maybe_sale: torn('first') })
    c.insert(view)
    expect(c.state).toMatchObject({ step: 'recovery', saleId: 'first' })
    c.sale.escape()
    expect(c.state).toMatchObject({ step: 'choose', saleId: null })
    c.sale.onCard({ ...view, session: 'b10' })
    expect(c.state.step).toBe('choose')
    const other = counter()
    other.insert(view)
    await other.enter()
    expect(other.ports.resume).toHaveBeenCalledWith('first', 'w')
    expect(other.state.step).toBe('done')
  })

  it('asks about the next sale that a half-written card may be of, when the clerk says no to the first', async () => {
    const c = counter()
    c.insert(card({ session: 'b9', kind: 'torn', account: null, purchase: null, maybe_sale: torn('first'), maybe_sales: [torn('first'), torn('second')] }))
    expect(c.state).toMatchObject({ step: 'recovery', saleId: 'first' })
    c.sale.escape()
    expect(c.state).toMatchObject({ step: 'recovery', saleId: 'second' })
    await c.enter()
    expect(c.ports.resume).toHaveBeenCalledWith('second', 'w')
    expect(c.ports.resume).toHaveBeenCalledTimes(1)
  })

  it('follows the steps of the write', async () => {
    const c = await charging({ sell: async ({ id }) => torn(id) })
    await c.enter()
    c.sale.onProgress('sale-1', 'erase-seal')
    expect(c.state).toMatchObject({ step: 'writing', sale: { step: 'erase-seal' } })
    c.sale.onProgress('another', 'read-back')
    expect(c.state.sale?.step).toBe('erase-seal')
  })

  it('lets the next customer in while a sale waits for its card', async () => {
    const c = await charging({ sell: async ({ id }) => torn(id) })
    await c.enter()
    c.place(null)
    c.place('s3')
    c.sale.onCard(card({ session: 's3', account: account('acc-2') }))
    expect(c.state).toMatchObject({ step: 'ready', sale: null, saleId: null })
    expect(c.memory.id).toBeNull()
  })

  it('takes the next card when the last one went out while a sale was written', async () => {
    const c = await charging({ sell: async ({ id }) => made(id, { state: 'authorised', step: 'writing' }) })
    await c.enter()
    c.place(null)
    c.sale.onSale(made('sale-1'))
    expect(c.state).toMatchObject({ step: 'done', cardIn: false })
    c.insert(card({ session: 's4', account: account('acc-2') }))
    expect(c.state.step).toBe('ready')
  })
})
