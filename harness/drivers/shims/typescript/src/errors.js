/** Whatever was thrown → data. */

/**
 * Returns what was thrown as `{name, message, code?}`; never throws, whatever its getters do.
 *
 * @param {any} thrown
 * @returns {{ name: string, message: string, code?: string }}
 */
export function described(thrown) {
  try {
    if (thrown === null || typeof thrown !== 'object') return { name: typeof thrown, message: String(thrown) }
    const name = String(thrown.name ?? thrown.constructor?.name ?? 'object')
    const message = String(thrown.message ?? '')
    const { code } = thrown
    const isCode = typeof code === 'string' || typeof code === 'number'
    return isCode ? { name, message, code: String(code) } : { name, message }
  } catch {
    return { name: 'Error', message: 'what was thrown cannot be read' }
  }
}
