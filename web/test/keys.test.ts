import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { activeKeys, installKeys, useKeys } from '@/shell/keys'

installKeys()
const press = (key: string, more: KeyboardEventInit = {}): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...more })
  document.dispatchEvent(event)
  return event
}
const withKeys = (...actions: Parameters<typeof useKeys>[0]) => mount(defineComponent({ setup() { useKeys(actions); return () => h('i') } }))

describe('function keys', () => {
  it('go to the newest layer, fall through where it has none, and end with their component', () => {
    const page = vi.fn()
    const panel = vi.fn()
    const below = withKeys({ key: 'F2', label: 'sale.find', run: page }, { key: 'F4', label: 'sale.key_mode', run: page })
    const above = withKeys({ key: 'F2', label: 'sale.find', run: panel })
    press('F2')
    press('F4')
    expect([panel.mock.calls.length, page.mock.calls.length]).toEqual([1, 1])
    above.unmount()
    press('F2')
    expect(page).toHaveBeenCalledTimes(2)
    below.unmount()
    expect(press('F2').defaultPrevented).toBe(false)
    expect(activeKeys.value.size).toBe(0)
  })

  it('keep the browser from its own use of them, and act once when held', () => {
    const run = vi.fn()
    const page = withKeys({ key: 'F3', label: 'sale.key_again', run })
    expect(press('F3').defaultPrevented).toBe(true)
    expect(press('F3', { repeat: true }).defaultPrevented).toBe(true)
    expect(run).toHaveBeenCalledOnce()
    press('F3', { ctrlKey: true })
    press('F3', { isComposing: true })
    expect(run).toHaveBeenCalledOnce()
    page.unmount()
  })

  it('work only when they may', () => {
    const run = vi.fn()
    const may = ref(false)
    const page = withKeys({ key: 'F8', label: 'sale.key_reprint', run, when: () => may.value })
    press('F8')
    may.value = true
    press('F8')
    expect(run).toHaveBeenCalledOnce()
    page.unmount()
  })

  it('let Enter submit once, however long it is held', () => {
    expect(press('Enter').defaultPrevented).toBe(false)
    expect(press('Enter', { repeat: true }).defaultPrevented).toBe(true)
  })
})
