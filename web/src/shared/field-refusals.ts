// What a form refuses by itself is said under the field, in the language of the page: the browser's own bubble speaks the
// browser's language, covers the next field, and is gone after a moment.
import type { Texts } from '@/i18n'

const MARK = 'field-refusal'
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

const isControl = (target: EventTarget | null): target is Control =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement

function reason({ t, word }: Texts, field: Control): string {
  const { validity } = field
  if (validity.valueMissing) return t(field instanceof HTMLSelectElement ? 'common.choose' : 'common.required')
  if (validity.tooShort) return t('common.too_short', { n: (field as HTMLInputElement).minLength })
  if (validity.patternMismatch && (field as HTMLInputElement).pattern === String.raw`\d{8}`) return word('params.rule', 'eight_digits')
  if (validity.patternMismatch && (field as HTMLInputElement).pattern === String.raw`\d{11}|\d{13}`) return word('params.rule', 'eleven_or_thirteen_digits')
  return t('common.bad_value')
}

function clear(field: Control): void {
  const next = field.nextElementSibling
  if (!next?.classList.contains(MARK)) return
  next.remove()
  field.removeAttribute('aria-invalid')
  if (field.getAttribute('aria-describedby') === next.id) field.removeAttribute('aria-describedby')
}

function say(field: Control, text: string): void {
  clear(field)
  const note = document.createElement('span')
  note.className = `error ${MARK}`
  note.id = `${MARK}-${Math.random().toString(36).slice(2)}`
  note.setAttribute('role', 'alert')
  note.textContent = text
  field.after(note)
  field.setAttribute('aria-invalid', 'true')
  // A hint that describes the field already goes on describing it; the alert is read out by itself.
  if (!field.hasAttribute('aria-describedby')) field.setAttribute('aria-describedby', note.id)
}

/** For the whole page, once. */
export function tellFieldRefusals(texts: Texts): void {
  let focused = false
  document.addEventListener('invalid', (event) => {
    if (!isControl(event.target)) return
    event.preventDefault()
    say(event.target, reason(texts, event.target))
    // All refused fields are reported in one go; the first one is where to type.
    if (focused) return
    focused = true
    event.target.focus()
    setTimeout(() => { focused = false })
  }, true)
  for (const kind of ['input', 'change']) document.addEventListener(kind, ({ target }) => { if (isControl(target)) clear(target) }, true)
  // A form that goes out has no refused field left, also where the page filled one in by itself.
  document.addEventListener('submit', ({ target }) => {
    if (target instanceof HTMLFormElement) for (const field of target.elements) if (isControl(field)) clear(field)
  }, true)
}
