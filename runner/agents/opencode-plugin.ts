/**
 * A plug-in that OpenCode loads from the job's private folder. OpenCode asks a model that refuses up to five times more, waiting
 * as long as the model says, and tells its caller nothing of it. The plug-in says it, as one more line of the event stream.
 */
export const OPENCODE_PLUGIN = `export const Switchyard = async () => ({
  config: async (config) => {
    for (const provider of Object.values(config.provider ?? {})) {
      provider.options = {
        ...provider.options,
        fetch: async (...request) => {
          const response = await fetch(...request)
          if (response.status >= 400)
            process.stdout.write(JSON.stringify({ type: 'switchyard.refused', status: response.status }) + '\\n')
          return response
        },
      }
    }
  },
})
`
