// Which of the seven segments a character lights: a top, b upper right, c lower right, d bottom, e lower left, f upper left, g middle.
const GLYPHS: Record<string, string> = {
  '0': 'abcdef', '1': 'bc', '2': 'abged', '3': 'abgcd', '4': 'fgbc', '5': 'afgcd', '6': 'afgedc', '7': 'abc', '8': 'abcdefg', '9': 'abcdfg',
  'A': 'abcefg', 'B': 'cdefg', 'C': 'adef', 'D': 'bcdeg', 'E': 'adefg', 'F': 'aefg', 'G': 'acdef', 'H': 'bcefg', 'I': 'bc', 'J': 'bcde', 'L': 'def',
  'N': 'ceg', 'O': 'cdeg', 'P': 'abefg', 'R': 'eg', 'S': 'afgcd', 'T': 'defg', 'U': 'bcdef', 'X': 'bcefg', 'Y': 'bcdfg', '-': 'g', '=': 'dg', '_': 'd', ' ': '',
}

export interface Cell { segments: string; dot: boolean; char: string }

/** The cells of a text: a point belongs to the digit before it; what seven segments cannot draw is a blank. */
export function cells(text: string): Cell[] {
  const list: Cell[] = []
  for (const char of text) {
    const before = list.at(-1)
    if (char === '.' && before !== undefined && !before.dot) before.dot = true
    else list.push({ char, segments: GLYPHS[char.toUpperCase()] ?? '', dot: char === '.' })
  }
  return list
}

/** A 4-digit display shows long items in screens of four 分屏; they are written with a gap between. */
export function screens(text: string, width = 4): Cell[][] {
  const parts = text.trim().split(/\s{2,}|(?<=\S{4})\s/).filter((part) => part !== '')
  const list: Cell[][] = []
  for (const part of parts.length > 0 ? parts : ['']) {
    const all = cells(part)
    for (let at = 0; at < Math.max(1, all.length); at += width) {
      const screen = all.slice(at, at + width)
      // Figures stand at the right; their leading zeros are dark.
      while (screen.length < width) screen.unshift({ char: ' ', segments: '', dot: false })
      list.push(screen)
    }
  }
  return list
}
