/** A bare transformer, served in as few words as there are. */

import { serve } from '../../harness/drivers/shims/typescript/src/index.js'

serve({
  name: 'bare',
  async *transform(parts, request, { signal, approve }) {
    for await (const part of parts) yield { part, model: request.model, can: [typeof approve, signal.aborted] }
  },
})
