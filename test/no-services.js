// Under jest.quick.config.js nothing starts a process or opens a socket; who does all the same fails, and says so.
const { ChildProcess } = require('node:child_process')
const { Server, Socket } = require('node:net')

function refuse(target, verb) {
  target[verb] = () => {
    throw new Error(`quick test: ${verb} expected no service, got one; import what needs it by its node: module`)
  }
}

refuse(ChildProcess.prototype, 'spawn')
refuse(Server.prototype, 'listen')
refuse(Socket.prototype, 'connect')
