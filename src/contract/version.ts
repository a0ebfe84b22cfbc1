/** Switchyard's own version, as app and runner tell it. */
export const VERSION = '0.1.0'
