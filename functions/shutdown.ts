// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { stop } from '../src/app/running'

/** Closes connections when the worker is told to end. A courtesy: after a kill the next worker resumes just the same. */
app.hook.appTerminate(stop)
