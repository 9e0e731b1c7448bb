import { serve } from '../../../harness/drivers/shims/typescript/src/index.js'
import { createOllamaChat } from '@tanstack/ai-ollama'

serve({
  name: '@tanstack/ai-ollama', version: '0.3.0', profile: 'tanstack', wires: ['ollama-chat'],
  maxConcurrentRuns: 1, // it hangs when it is aborted, and what runs beside it would have to be asked again
  createAdapter: ({ model, baseUrl }) => createOllamaChat(model, baseUrl),
})
