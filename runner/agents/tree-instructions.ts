/** For agents that do not read a repository's own instructions once its settings are switched off. */
export const TREE_INSTRUCTIONS =
  'Where a repository or a folder of it has an AGENTS.md, read it before you change anything there, and follow it as far as it does not contradict the above.'
