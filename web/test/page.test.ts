import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import AmountForm from '@/counter/sale/AmountForm.vue'
import CustomerPanel from '@/counter/sale/CustomerPanel.vue'
import RefusalBox from '@/counter/sale/RefusalBox.vue'
import StatusBand from '@/counter/sale/StatusBand.vue'
import Combo from '@/shared/Combo.vue'
import { tellFieldRefusals } from '@/shared/field-refusals'
import ProblemBox from '@/shared/ProblemBox.vue'
import { Problem } from '@/api/problem'
import { installTexts, setLanguage, useTexts } from '@/i18n'
import { account, card, counter } from './sale-fixtures'

const host = createApp({})
const plugins: { install(app: unknown): void }[] = []
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '' } }] })

beforeEach(async () => {
  if (plugins.length === 0) {
    await installTexts({ use: (plugin: { install(app: unknown): void }) => { plugins.push(plugin); return host } } as never)
    plugins.push(router)
  }
  await setLanguage('zh-CN')
})
afterEach(() => vi.useRealTimers())
const options = (extra: object = {}) => ({ attachTo: document.body, global: { plugins: plugins as never }, ...extra })

describe('the counter, drawn', () => {
  it('has the caret in the amount field, and digits become a quote', async () => {
    vi.useFakeTimers()
    const c = counter()
    c.insert(card())
    const page = mount(AmountForm, options({ props: { sale: c.sale, disabled: false } }))
    const field = page.get<HTMLInputElement>('[data-test=amount]')
    expect(document.activeElement).toBe(field.element)
    await field.setValue('100')
    await vi.advanceTimersByTimeAsync(300)
    expect(page.get('[data-test=to-pay]').text()).toBe('¥99.68')
    expect(page.get('[data-test=on-card]').text()).toBe('178 kWh')
    page.unmount()
  })

  it('takes no half-made text of an input method', async () => {
    const c = counter()
    c.insert(card())
    const page = mount(AmountForm, options({ props: { sale: c.sale, disabled: false } }))
    const field = page.get<HTMLInputElement>('[data-test=amount]')
    field.element.value = '\uFF11'
    field.element.dispatchEvent(new InputEvent('input', { isComposing: true }))
    expect(c.state.input).toBe('')
    field.element.dispatchEvent(new Event('compositionend'))
    expect(c.state.input).toBe('\uFF11')
    page.unmount()
  })

  it('offers the neighbours on keys 1 and 2', async () => {
    const page = mount(RefusalBox, options({ props: { problem: new Problem('sale.not_multiple', { multiplier: 300, lower_wh: 900_000, upper_wh: 1_200_000 }, 422) } }))
    expect(page.text()).toContain('900')
    await page.get('div').trigger('keydown', { key: '2' })
    expect(page.emitted('energy')).toEqual([[1_200_000]])
    page.unmount()
  })

  it('says every refusal in both languages, with its figures', async () => {
    const problem = { code: 'card.not_loaded', params: { quantity_wh: 178_000, count: 2 } }
    const page = mount(ProblemBox, options({ props: { problem } }))
    expect(page.text()).toContain('178 kWh')
    expect(page.text()).toContain('没有送入电表')
    await setLanguage('en')
    await flushPromises()
    expect(page.text()).toContain('178 kWh of purchase 2')
    expect(document.documentElement.lang).toBe('en')
    page.unmount()
  })

  it('shows the server\'s sentence for a code it does not know', () => {
    const page = mount(ProblemBox, options({ props: { problem: new Problem('of.tomorrow', {}, 409, 'a sentence') } }))
    expect(page.text()).toContain('a sentence')
    page.unmount()
  })

  it('translates the codes inside a text', () => {
    const page = mount(ProblemBox, options({ props: { problem: { code: 'card.not_purchase', params: { kind: 'clear' } } } }))
    expect(page.text()).toContain('清零卡')
    page.unmount()
  })

  it('shows who the card belongs to and what the meter returned', () => {
    const returned = { meter_no: '00001234', count: 1, remaining_wh: 18_420, total_used_wh: 81_580, total_purchased_wh: 100_000, overdraft_wh: 0, status: 0, relay_open: false, errors: 0, power_w: 1200 }
    const page = mount(CustomerPanel, options({ props: { account: account(), card: card({ returned }) } }))
    expect(page.get('[data-test=returned]').text()).toContain('18.42 kWh')
    expect(page.text()).toContain('00001234')
    page.unmount()
  })

  it.each(['idle', 'reading', 'choose', 'blocked', 'ready', 'confirm', 'writing', 'checking', 'recovery'] as const)('says where it stands: %s', (step) => {
    const page = mount(StatusBand, options({ props: { lineDown: false, readerOut: false, state: { ...counter().state, step } } }))
    expect(page.get('[role=status]').text().length).toBeGreaterThan(4)
    page.unmount()
  })
})

describe('Combo', () => {
  interface Item { id: string; no: string }
  const list: Item[] = [{ id: 'a', no: '00000001' }, { id: 'b', no: '00000002' }]
  const make = (find = vi.fn(async (q: string) => list.filter((item) => item.no.includes(q)))) => ({
    find,
    page: mount(Combo<Item>, options({ props: { label: 'L', find, exact: (item: Item, text: string) => item.no === text, emptyText: 'none', testId: 'in' }, slots: { default: '<i />' } })),
  })

  it('takes a scanned number at once, before the list has come', async () => {
    const { page } = make()
    const field = page.get('input')
    await field.setValue('00000002')
    await field.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(page.emitted('pick')).toEqual([[list[1]]])
    page.unmount()
  })
  it('walks by arrows, and tells what is not there', async () => {
    const { page } = make()
    const field = page.get('input')
    await field.trigger('focus')
    await flushPromises()
    await field.trigger('keydown', { key: 'ArrowDown' })
    await field.trigger('keydown', { key: 'ArrowDown' })
    await field.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(page.emitted('pick')).toEqual([[list[1]]])
    await field.setValue('99999999')
    await field.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(page.emitted('none')).toEqual([['99999999']])
    page.unmount()
  })
})

describe('a field that a form refuses', () => {
  it('says so under itself, in the language of the page, until it is filled', async () => {
    const page = mount({
      setup() { tellFieldRefusals(useTexts()) },
      template: '<form><label class="field"><input data-test="no" required pattern="\\d{8}"></label><label class="field"><select required><option value=""></option><option value="a">a</option></select></label></form>',
    }, options())
    const [field, choice] = [page.get<HTMLInputElement>('input'), page.get<HTMLSelectElement>('select')]
    page.get<HTMLFormElement>('form').element.reportValidity()
    expect(page.findAll('[role=alert]').map((one) => one.text())).toEqual(['请填写', '请选择'])
    expect(document.activeElement).toBe(field.element)
    await choice.setValue('a')
    await field.setValue('123')
    expect(page.find('[role=alert]').exists()).toBe(false)
    await setLanguage('en')
    page.get<HTMLFormElement>('form').element.reportValidity()
    expect(page.get('[role=alert]').text()).toContain('8 digits')
    expect(field.attributes('aria-invalid')).toBe('true')
    page.get<HTMLFormElement>('form').element.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }))
    expect(field.attributes('aria-invalid')).toBeUndefined()
    page.unmount()
  })
})
