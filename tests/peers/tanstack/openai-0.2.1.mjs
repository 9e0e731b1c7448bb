import { serve } from '../../../harness/drivers/shims/typescript/src/index.js'
import { createOpenaiChat } from 'ai-openai-0.2.1'

serve({
  name: '@tanstack/ai-openai', version: '0.2.1', profile: 'tanstack', wires: ['openai-responses'],
  createAdapter: ({ model, apiKey, baseUrl }) =>
    createOpenaiChat(model.split('/').at(-1), apiKey, { baseURL: baseUrl }),
})
