/**
 * Images, sounds, films and documents of a message → AI SDK V2's `file` parts (§4, §6.6, §11.1, R30).
 *
 * §11.1 writes `image`, `audio` and `video` parts and bare base64; V2 knows one `file{data, mediaType}`, and an `image`
 * part reaches the provider as null (ledger A9).
 */

import type { FilePart } from './languageModel.js'
import { filled, isRecord } from './reading.js'

/** The part types that hold a file; models.dev says `pdf` where TanStack says `document` (§6.6). */
const FILES = ['image', 'audio', 'video', 'document', 'pdf'] as const

/** What kind of file stands at a URL, where nobody says more; a document may be anything. */
const RANGES: ReadonlyMap<string, string> = new Map([
  ['image', 'image/*'],
  ['audio', 'audio/*'],
  ['video', 'video/*'],
  ['pdf', 'application/pdf'],
])
const EMBEDDED = new Set(['data', 'base64'])
const DATA_URI = /^data:([^,]*?)(;base64)?,(.*)$/is

/** Tell whether a part of this type holds a file. */
export function isFile(type: string): boolean {
  return (FILES as ReadonlyArray<string>).includes(type)
}

/**
 * Return a part with a file; raises Error for one without a source that can be read, and for bytes whose media type
 * nobody says.
 */
export function filePart(part: Record<string, unknown>, type: string): FilePart {
  const source = isRecord(part.source) ? part.source : {}
  const value = filled(source.value)
  if (value === undefined) throw new Error(`A content part of type ${type} has no source`)
  const told = mediaTypeOf(part.metadata) ?? mediaTypeOf(source)
  const embedded = DATA_URI.exec(value)
  const filename = nameOf(part.metadata) ?? nameOf(source)
  const named = filename === undefined ? {} : { filename }
  if (embedded !== null) return { ...fromDataUri(embedded, told, type), ...named }
  if (source.type === 'url')
    return { type: 'file', data: address(value, type), mediaType: typeAt(value, told, type), ...named }
  if (!EMBEDDED.has(String(source.type)))
    throw new Error(`A content part of type ${type} has a source of no known type`)
  return { type: 'file', data: value, mediaType: told ?? ofBytes(type), ...named }
}

/** Return a file's own name, which TanStack has no member for and its adapters read in `metadata`. */
function nameOf(holder: unknown): string | undefined {
  return isRecord(holder) ? (filled(holder.filename) ?? filled(holder.fileName)) : undefined
}

function mediaTypeOf(holder: unknown): string | undefined {
  return isRecord(holder) ? (filled(holder.mimeType) ?? filled(holder.mediaType)) : undefined
}

function fromDataUri(
  [, head = '', isBase64, body = '']: RegExpExecArray,
  told: string | undefined,
  type: string,
): FilePart {
  const mediaType = filled(head.split(';')[0]?.trim()) ?? told ?? ofBytes(type)
  const data = isBase64 ? body.trim() : Buffer.from(percentDecoded(body)).toString('base64')
  return { type: 'file', data, mediaType }
}

/** Return the bytes of a percent-encoded text, which need not be UTF-8. */
function percentDecoded(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  const decoded: Array<number> = []
  for (let at = 0; at < bytes.length; at += 1) {
    const digits = /^%([0-9a-f]{2})/i.exec(bytes.toString('latin1', at, at + 3))?.[1]
    decoded.push(digits === undefined ? (bytes[at] ?? 0) : Number.parseInt(digits, 16))
    if (digits !== undefined) at += 2
  }
  return Uint8Array.from(decoded)
}

function address(value: string, type: string): URL {
  try {
    return new URL(value)
  } catch {
    throw new Error(`A content part of type ${type} has a URL that cannot be read`)
  }
}

function typeAt(value: string, told: string | undefined, type: string): string {
  const known = told ?? RANGES.get(type) ?? (/\.pdf(?:[?#]|$)/i.test(value) ? 'application/pdf' : undefined)
  if (known === undefined)
    throw new Error(`A content part of type ${type} needs the media type of what its URL leads to`)
  return known
}

function ofBytes(type: string): string {
  if (type === 'pdf') return 'application/pdf'
  throw new Error(`A content part of type ${type} needs a media type for its data`)
}
