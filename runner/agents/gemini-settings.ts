/** Gemini CLI's settings for one job. */
export function geminiSettings() {
  return {
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      // No retries of its own: they outlast the watchdogs and hide the cause.
      maxAttempts: 1,
      retryFetchErrors: false,
      // A mode in which it would wait for a person's approval.
      plan: { enabled: false },
      topicUpdateNarration: false,
    },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
    advanced: { ignoreLocalEnv: true },
    ide: { enabled: false },
    // Another question to the model after each answer, whether it meant to go on; and its guard against loops, which asks the
    // model too, and ends the work as if it were done. The runner's guards end it with a cause.
    model: { skipNextSpeakerCheck: true, disableLoopDetection: true },
    tools: { shell: { enableInteractiveShell: false } },
  }
}
