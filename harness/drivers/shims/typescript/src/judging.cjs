'use strict'

/** Chunks → the verdict of `streamchunk judge`, or an error that says why there is none. */

const { spawnSync } = require('node:child_process')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const { Compactor } = require('./compaction.cjs')
const { asJson, ofModel } = require('./json.cjs')

const MOST_OUTPUT = 256 * 1024 * 1024 // bytes
const CONFORMS = 0
const VIOLATIONS = 1
const INSTALL =
  'Install it (pip install streamchunk-harness), or say in the environment variable STREAMCHUNK how it is started, ' +
  'such as "uvx --from streamchunk-harness streamchunk".'
const KNOWN = ['source', 'wire', 'profile', 'scope', 'strict', 'command']

/**
 * @typedef {import('../types/matcher.d.cts').ConformOptions} ConformOptions
 * @typedef {{ rule: string, level: string, sections: string[], requirement: string, chunk: number | null,
 *   path: string | null, expected: string, seen: string, why: string, mend: string }} Violation
 * @typedef {{ conforms: boolean, exercised: string[], violations: Violation[] }} Verdict
 */

/**
 * Returns the verdict on a stream's chunks; throws where nobody judged them, so that silence is never a pass.
 *
 * @param {Iterable<unknown>} chunks
 * @param {ConformOptions} options
 * @returns {Verdict}
 */
function verdictOn(chunks, options) {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) throw new TypeError(`toConform has no option ${unknown}; there are ${KNOWN.join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'streamchunk-'))
  try {
    const place = join(folder, 'chunks.json')
    writeFileSync(place, log(chunks))
    return asked(place, options, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} place of the log
 * @param {ConformOptions} options
 * @param {string} folder for the source
 * @returns {Verdict}
 */
function asked(place, options, folder) {
  const { source, wire, profile, scope, strict, command = process.env.STREAMCHUNK || 'streamchunk' } = options
  const [program, ...first] = typeof command === 'string' ? command.split(/\s+/).filter(Boolean) : command
  if (program === undefined) throw new TypeError('toConform: the command of streamchunk is empty')
  const words = ['judge', place, '--format', 'json']
  if (source !== undefined) words.push('--source', written(source, join(folder, 'source')))
  if (wire !== undefined) words.push('--wire', wire)
  if (profile !== undefined) words.push('--profile', profile)
  if (scope !== undefined) words.push('--scope', scope)
  if (strict) words.push('--strict')
  const ran = spawnSync(program, [...first, ...words], { encoding: 'utf8', maxBuffer: MOST_OUTPUT })
  if (ran.error !== undefined) {
    throw new Error(`toConform asks \`${program}\`, which cannot be asked: ${ran.error.message}. ${INSTALL}`)
  }
  const report = parsed(ran.stdout)
  const [entry] = report?.files ?? []
  const isVerdict = Array.isArray(entry?.violations) && report.summary?.exit === ran.status
  if (!isVerdict || (ran.status !== CONFORMS && ran.status !== VIOLATIONS)) {
    const why = entry?.message ?? (ran.stderr.trim() || ran.stdout.trim() || 'it said nothing')
    const how = ran.status === null ? `was ended by ${ran.signal}` : `ended with exit ${ran.status}`
    throw new Error(`toConform has no verdict: \`${program} judge\` ${how}: ${why.slice(0, 2000)}`)
  }
  return { conforms: ran.status === CONFORMS, exercised: entry.exercised, violations: entry.violations }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Returns the chunks as the harness reads a log: NaN stands there as a careless server writes it, so that it is found.
 *
 * @param {Iterable<unknown>} chunks
 */
function log(chunks) {
  const compactor = new Compactor()
  const texts = Array.from(chunks, (chunk) => JSON.stringify(compactor.feed(asJson(chunk))))
  // Inside of a JSON text a quotation mark is escaped, so that this is a word of ours wherever it stands.
  return `[${texts.map((text) => text.replace(/\{"\$number":"(NaN|-?Infinity)"\}/g, '$1')).join(',\n')}]`
}

/**
 * Writes a source, and returns where; events begin with a part that says nothing, by which the harness knows them.
 *
 * @param {NonNullable<ConformOptions['source']>} source
 * @param {string} place
 */
function written(source, place) {
  const isBody = typeof source === 'string' || source instanceof Uint8Array
  if (!isBody && !Array.isArray(source)) {
    throw new TypeError('toConform: source is a list of stream parts, or the body of a provider as text or bytes')
  }
  const start = { type: 'stream-start', warnings: [] }
  writeFileSync(place, isBody ? source : JSON.stringify([start, ...source].map((part) => asJson(part, ofModel))))
  return place
}

module.exports = { verdictOn }
