/**
 * Where objects and arrays stand in a text of words: the outermost ones, found in one pass (§14.4, R36).
 */

/** A part of a text, from its first character to the one behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

const BRACKET = /[[\]{}]/g
const SPACE = /[ \t\n\r]*/y
const WORD = /[[\]{},:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const NOT_PLAIN = /["\\\u0000-\u001f]/g
const WORDS = ['true', 'false', 'null', '-']
const LONGEST_WORD = 5
const LONGEST_ESCAPE = 6
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' }

/** What may come next within an object or array. */
type Wanted = 'value or end' | 'value' | 'name or end' | 'name' | 'colon' | 'comma or end'

/** An object or array whose end has not come, and the whole ones directly inside it. */
interface Open {
  readonly bracket: string
  readonly start: number
  readonly inside: Array<Span>
}

/** What was read from a bracket on: the whole values that were found, and where to look on. */
interface Read {
  readonly found: ReadonlyArray<Span>
  readonly next: number
}

/**
 * Return the objects and arrays of a text that are in no other one, in order.
 *
 * A bracket that begins no JSON hides none: where what it began breaks off in the midst of the text, the whole values
 * inside are the outermost. Where the text itself ends inside, it was cut, and what stands inside is no answer. Each
 * character is read a bounded number of times, whatever the text.
 */
export function outermostSpans(text: string): Array<Span> {
  const spans: Array<Span> = []
  for (let at = nextBracket(text, 0); at < text.length;) {
    const { found, next } = CLOSING[text[at] ?? ''] === undefined ? { found: [], next: at + 1 } : readValue(text, at)
    spans.push(...found)
    at = nextBracket(text, next)
  }
  return spans
}

function nextBracket(text: string, from: number): number {
  BRACKET.lastIndex = from
  return BRACKET.exec(text)?.index ?? text.length
}

function readValue(text: string, start: number): Read {
  const stack: Array<Open> = []
  let wanted: Wanted = 'value'
  let lastString: Span | undefined
  for (let behind = start; ;) {
    const token = tokenAt(text, behind)
    const word = text[token.start] ?? ''
    const follows: Wanted | undefined =
      token.end === undefined ? undefined : following(wanted, word, stack.at(-1)?.bracket)
    if (token.end === undefined || follows === undefined) return broken(text, stack, token, lastString)
    behind = token.end
    lastString = word === '"' ? { start: token.start, end: behind } : undefined
    if (word in CLOSING) stack.push({ bracket: word, start: token.start, inside: [] })
    if (word === '}' || word === ']') {
      const whole = { start: stack.pop()?.start ?? start, end: behind }
      const holder = stack.at(-1)
      if (holder === undefined) return { found: [whole], next: behind }
      holder.inside.push(whole)
    }
    wanted = follows
  }
}

/** Where a token begins, and where it ends; without an end it is none of JSON, or it is cut. */
interface Token {
  readonly start: number
  readonly end?: number
  /** The text ends where a token should begin, or within a string. */
  readonly isCut?: boolean
}

function tokenAt(text: string, from: number): Token {
  const start = endOf(SPACE, text, from) ?? from
  if (start === text.length) return { start, isCut: true }
  if (text[start] === '"') return stringAt(text, start)
  const end = endOf(WORD, text, start)
  if (end !== undefined) return { start, end }
  const rest = text.slice(start, start + LONGEST_WORD)
  return { start, isCut: WORDS.some((word) => word.startsWith(rest)) }
}

/** Read a string by hand: a pattern with a loop in it overflows where millions of signs are escaped. */
function stringAt(text: string, start: number): Token {
  NOT_PLAIN.lastIndex = start + 1
  for (let found = NOT_PLAIN.exec(text); found !== null; found = NOT_PLAIN.exec(text)) {
    if (found[0] === '"') return { start, end: NOT_PLAIN.lastIndex }
    const next = endOf(ESCAPE, text, found.index)
    if (next === undefined) return { start, isCut: text.length - found.index < LONGEST_ESCAPE }
    NOT_PLAIN.lastIndex = next
  }
  return { start, isCut: true }
}

/** Return where what a sticky pattern matches ends. */
function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** Return what may follow a token that begins so, undefined where it is not what was wanted. */
function following(wanted: Wanted, word: string, holder: string | undefined): Wanted | undefined {
  if (wanted.endsWith('or end') && holder !== undefined && word === CLOSING[holder]) return 'comma or end'
  if (wanted === 'comma or end') return word === ',' ? (holder === '{' ? 'name' : 'value') : undefined
  if (wanted === 'colon') return word === ':' ? 'value' : undefined
  if (wanted.startsWith('name')) return word === '"' ? 'colon' : undefined
  if (word === '{') return 'name or end'
  if (word === '[') return 'value or end'
  return [']', '}', ',', ':'].includes(word) ? undefined : 'comma or end'
}

/** Return what is left of values that broke off at a token. */
function broken(text: string, stack: ReadonlyArray<Open>, at: Token, lastString: Span | undefined): Read {
  if (at.isCut) return { found: [], next: text.length }
  const found = stack.flatMap(({ inside }) => inside)
  // The quotes of the sentence may have been taken for a string's: a bracket between them gets another chance.
  return { found, next: lastString === undefined ? at.start : lastString.start + 1 }
}
