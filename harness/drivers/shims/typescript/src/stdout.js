/**
 * From the import of this module on, standard output belongs to the protocol: whatever else writes there, writes to
 * standard error. It happens on import because an adapter's packages may print while they are loaded.
 */

const stdout = process.stdout
const write = stdout.write.bind(stdout)

Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => process.stderr })
stdout.write = /** @type {any} */ (process.stderr.write.bind(process.stderr)) // for a console that was made before

/** The only way to standard output that is left. */
export const reserved = {
  /** @param {string} text */
  write: (text) => write(text),
  /**
   * @param {'drain' | 'close'} event
   * @param {() => void} listener
   */
  on: (event, listener) => stdout.on(event, listener),
  /** @param {() => void} listener */
  onError: (listener) => void stdout.on('error', listener),
  /** @param {() => void} written is called when all that was written has left */
  end: (written) => void write('', written),
}
