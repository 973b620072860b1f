import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import * as api from '@/api/calls'
import type { Driver, DriverReport } from '@/api/types'
import { installTexts, loadBackTexts, setLanguage } from '@/i18n'
import DriverTried from '@/office/DriverTried.vue'
import DriverUse from '@/office/DriverUse.vue'

const host = createApp({})
const plugins: { install(app: unknown): void }[] = []

beforeEach(async () => {
  if (plugins.length === 0) {
    await installTexts({ use: (plugin: { install(app: unknown): void }) => { plugins.push(plugin); return host } } as never)
  }
  await loadBackTexts()
  await setLanguage('zh-CN')
})
const options = (props: object) => ({ global: { plugins: plugins as never }, props })

const type = { id: 't1', name: '一号表', driver_id: 'acme.one', driver_version: '1.0.0', retired: false }
const used = { id: 't1', name: '一号表' }
const driver = (more: Partial<Driver>): Driver => ({
  id: 'acme.one', version: '1.0.0', kind: 'meter', name: { zh: '一', en: 'One' }, standards: [], state: 'active', sha256: 'ab'.repeat(32),
  built_in: false, meter_types: [], stopped: [], faults: 0, ...more,
} as Driver)

describe('a driver in use', () => {
  it('of which another file was chosen says so and can be chosen', async () => {
    vi.spyOn(api, 'meterTypes').mockResolvedValue({ items: [type] } as never)
    const activate = vi.spyOn(api, 'activateDriver').mockResolvedValue(driver({ meter_types: [used] }))
    const page = mount(DriverUse, options({ driver: driver({ stopped: [used] }) }) as never)
    await flushPromises()
    const box = page.get<HTMLInputElement>('input[type=checkbox]')
    expect(box.element.disabled).toBe(false)
    expect(page.find('.tag.bad').exists()).toBe(true)
    await box.setValue(true)
    await page.get('form').trigger('submit')
    await flushPromises()
    expect(activate).toHaveBeenCalledWith('ab'.repeat(32), { meter_type_ids: ['t1'], rollback: false })
    await page.setProps({ driver: driver({ meter_types: [used] }) } as never)
    expect(page.get<HTMLInputElement>('input[type=checkbox]').element.disabled).toBe(true)
    expect(page.find('.tag.bad').exists()).toBe(false)
    page.unmount()
  })
})

describe('what was found about a driver', () => {
  const check = (id: string, outcome: 'passed' | 'skipped') => ({ id, outcome, title: { zh: `题${id}`, en: `Title ${id}` }, cases: 1, note: null, failures: [] })
  const report = (...checks: ReturnType<typeof check>[]): DriverReport => ({ passed: true, cases: 2, took_ms: 100, seed: 1, checks } as DriverReport)

  it.each([['zh-CN', '题b、题c'], ['en', 'Title b, Title c']] as const)('names the checks that were not done, in %s', async (language, names) => {
    await setLanguage(language)
    const page = mount(DriverTried, options({ report: report(check('a', 'passed'), check('b', 'skipped'), check('c', 'skipped')) }) as never)
    const told = page.get('[data-test=driver-skipped]').text()
    expect(told).toContain(names)
    expect(told).toContain('2')
    await page.setProps({ report: report(check('a', 'passed')) } as never)
    expect(page.find('[data-test=driver-skipped]').exists()).toBe(false)
    page.unmount()
  })
})
