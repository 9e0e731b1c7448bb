/** What `serve` is given, held to what it may be: a mistake is told at once, not case by case. */

const PROFILES = ['spec', 'tanstack']
const DIALECTS = ['streamchunk', 'ag-ui']
const FUNCTIONS = ['createAdapter', 'transform', 'convertMessages', 'convertTools', 'parseJson', 'transformSchema']
const FLAGS = ['acceptsModel', 'structuredOutput', 'abort', 'approvals', 'fetchShim']
const LISTS = ['wires', 'redirect']
const TEXTS = ['name', 'version', 'homepage']
const OTHERS = ['maxConcurrentRuns', 'listen', 'profile', 'dialect']
const KNOWN = new Set([...FUNCTIONS, ...FLAGS, ...LISTS, ...TEXTS, ...OTHERS])

/**
 * @typedef {'a function' | 'true or false' | 'a list of strings' | 'a string' | 'a whole number from 1' |
 *   'a port'} Kind
 */

/**
 * Returns the options; throws TypeError that names the first which is wrong.
 *
 * @param {import('../types/index.d.ts').ServeOptions} options
 */
export function checked(options) {
  if (options === null || typeof options !== 'object') throw new TypeError('serve wants options, such as a name')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [key, value] of given) {
    if (!KNOWN.has(key)) throw new TypeError(`serve: there is no option ${key}; there are ${[...KNOWN].join(', ')}`)
    const wanted = wantedOf(key)
    if (wanted !== undefined && !isA(wanted, value)) throw new TypeError(`serve: ${key} is to be ${wanted}`)
  }
  const { name, profile = 'spec', dialect = 'streamchunk', createAdapter, wires = [], acceptsModel } = options
  if (!name) throw new TypeError('serve: the implementation needs a name')
  if (!PROFILES.includes(profile)) throw new TypeError(`serve: profile is one of ${PROFILES.join(', ')}`)
  if (!DIALECTS.includes(dialect)) throw new TypeError(`serve: dialect is one of ${DIALECTS.join(', ')}`)
  if (createAdapter !== undefined && wires.length === 0 && !acceptsModel) {
    throw new TypeError('serve: what createAdapter makes is asked nothing; name its wires, or say acceptsModel')
  }
  if (createAdapter === undefined && (wires.length > 0 || acceptsModel)) {
    throw new TypeError('serve: wires and acceptsModel need a createAdapter')
  }
  if (!given.some(([key]) => FUNCTIONS.includes(key))) {
    throw new TypeError(`serve: there is nothing to ask; give one of ${FUNCTIONS.join(', ')}`)
  }
  return options
}

/**
 * @param {string} key
 * @returns {Kind | undefined}
 */
function wantedOf(key) {
  if (FUNCTIONS.includes(key)) return 'a function'
  if (FLAGS.includes(key)) return 'true or false'
  if (LISTS.includes(key)) return 'a list of strings'
  if (TEXTS.includes(key)) return 'a string'
  if (key === 'maxConcurrentRuns') return 'a whole number from 1'
  return key === 'listen' ? 'a port' : undefined
}

/**
 * @param {Kind} wanted
 * @param {unknown} value
 */
function isA(wanted, value) {
  switch (wanted) {
    case 'a function':
      return typeof value === 'function'
    case 'true or false':
      return typeof value === 'boolean'
    case 'a list of strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    case 'a string':
      return typeof value === 'string'
    case 'a whole number from 1':
      return Number.isInteger(value) && Number(value) >= 1
    case 'a port':
      return isPort(value)
  }
}

/**
 * Tells whether a value is a TCP port, or 0 for one that is free.
 *
 * @param {unknown} value
 */
export function isPort(value) {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535
}
