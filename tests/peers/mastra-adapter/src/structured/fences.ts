/**
 * Fenced blocks of a text (§14.4, R36).
 */

import type { Span } from './jsonSpans.js'

const FENCE = /`{3,}/g
const INFO = /^[^\s{}[\]"`]+(?=\s)/

/**
 * Return what stands in each fenced block, in order, without the fences; marks within `values` are text of a string.
 *
 * A fence may stand in the middle of a line, and is closed by at least as many marks; one that is left open reaches to
 * the end.
 */
export function fencedBlocks(text: string, values: ReadonlyArray<Span>): Array<string> {
  const blocks: Array<string> = []
  let open: { marks: number; from: number } | undefined
  for (const fence of fencesOutside(text, values)) {
    if (open === undefined) {
      open = { marks: fence.end - fence.start, from: fence.end }
    } else if (fence.end - fence.start >= open.marks) {
      blocks.push(text.slice(open.from, fence.start))
      open = undefined
    }
  }
  if (open !== undefined) blocks.push(text.slice(open.from))
  return blocks
}

/** Return what a block may hold: all of it, all but the name of a language, all but its first line. */
export function readings(block: string): Array<string> {
  const lineEnd = block.indexOf('\n')
  return [block, block.replace(INFO, ''), ...(lineEnd < 0 ? [] : [block.slice(lineEnd)])]
}

function fencesOutside(text: string, values: ReadonlyArray<Span>): Array<Span> {
  let index = 0
  return [...text.matchAll(FENCE)].flatMap((match) => {
    const fence = { start: match.index, end: match.index + match[0].length }
    while ((values[index]?.end ?? Infinity) <= fence.start) index += 1
    return (values[index]?.start ?? Infinity) <= fence.start ? [] : [fence]
  })
}
