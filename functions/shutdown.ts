// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { stop } from '../src/app/running'

/** Lets go of connections when the worker is told to end; nothing depends on it, a kill is as good. */
app.hook.appTerminate(stop)
