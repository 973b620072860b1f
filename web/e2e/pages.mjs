// Every page, in both languages and both themes: nothing for axe to find, nothing in Chinese on an English page, and a picture.
import { Failure, axe, by, see, shot } from './browser.mjs'

const PAGES = [
  ['sale', '/sale', '[data-step]'], ['open', '/open', by('open-form')], ['meters', '/meters', 'table'], ['work', '/work', 'h1'], ['accounts', '/accounts', 'table'],
  ['account', (job) => `/accounts/${job.account.id}`, by('history')], ['meter-types', '/settings/meter-types', 'table'], ['tariffs', '/settings/tariffs', 'table'],
  ['areas', '/settings/areas', 'table'], ['sites', '/settings/sites', 'table'], ['drivers', '/settings/drivers', by('drivers')], ['analysis', '/analysis', `${by('chart')}[data-drawn="true"]`],
  ['books', '/books', by('books')], ['help', '/help', 'h1'], ['nowhere', '/no/such/page', 'h1'],
]

const VARIANTS = [['zh-CN', 'light'], ['zh-CN', 'dark'], ['en', 'light'], ['en', 'dark']]
/** Runs in the page. */
const remember = ([language, theme]) => {
  localStorage.setItem('dianka.language', language)
  localStorage.setItem('dianka.theme', theme)
}

export async function pages({ page, url, say, job }) {
  const faults = []
  for (const [language, theme] of VARIANTS) {
    say(`all pages, ${language}, ${theme}`)
    await page.evaluate(remember, [language, theme])
    for (const [name, path, sign] of PAGES) {
      await page.goto(url + (typeof path === 'function' ? path(job) : path))
      await see(page, sign, `${name}: ${sign}`)
      await page.waitForTimeout(300)
      for (const fault of await axe(page)) faults.push(`${name} ${language} ${theme}: ${fault}`)
      await shot(page, `page-${name}-${language}-${theme}`)
      if (name === 'sale') {
        await page.keyboard.press('F7')
        await see(page, by('bench'))
        await page.waitForTimeout(400)
        for (const fault of await axe(page)) faults.push(`bench ${language} ${theme}: ${fault}`)
        await shot(page, `page-bench-${language}-${theme}`)
        await page.keyboard.press('F7')
      }
      const lang = await page.getAttribute('html', 'lang')
      if (lang !== language) faults.push(`${name}: lang is ${lang}`)
    }
  }
  await page.evaluate(remember, ['zh-CN', 'light'])
  if (faults.length > 0) throw new Failure(`${faults.length} findings:\n  ${faults.join('\n  ')}`)
}

/** Out, and what the door looks like; a wrong password is said, with the tries that are left. */
export async function door({ page, url, say, login }) {
  const faults = []
  say('signed out: the sign-in page, and a wrong password')
  await page.goto(`${url}/sale`)
  await see(page, by('sign-out'))
  await page.click(by('sign-out'))
  await see(page, '[name=login]')
  for (const [language, theme] of VARIANTS) {
    await page.evaluate(remember, [language, theme])
    await page.reload()
    await see(page, '[name=login]')
    await page.fill('[name=login]', login)
    await page.fill('[name=password]', 'certainly not it')
    if (language === 'en' && theme === 'dark') {
      await page.keyboard.press('Enter')
      await see(page, '[data-code="auth.bad"]')
    }
    for (const fault of await axe(page)) faults.push(`login ${language} ${theme}: ${fault}`)
    await shot(page, `page-login-${language}-${theme}`)
  }
  await page.evaluate(remember, ['zh-CN', 'light'])
  if (faults.length > 0) throw new Failure(`${faults.length} findings:\n  ${faults.join('\n  ')}`)
}

export async function languageSwitch({ page, url, say }) {
  say('the language is switched on the page, without a reload')
  await page.goto(`${url}/sale`)
  const label = () => page.locator('[data-key="F2"]').textContent()
  if (!(await label())?.includes('找用户')) throw new Failure('the page is not in Chinese')
  await page.click(by('language'))
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  if (!(await label())?.includes('Find customer')) throw new Failure('the page is not in English')
  await page.click(by('language'))
  await page.waitForFunction(() => document.documentElement.lang === 'zh-CN')
}
