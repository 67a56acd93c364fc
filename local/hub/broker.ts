// Tested in test/local/hub/hub.test.ts.
import { type Server } from 'node:net'
import { type Container, type EventContext, create_container } from 'rhea'
import { parseAddress } from './address'
import { type AmqpFault } from './admission'
import { type HubNodes, type Subscription, type Partition } from './entity'
import { type Outlet } from './outlet'
import {
  type MessageReader,
  type Peer,
  type PeerReceiver,
  type PeerSender,
  type RawMessage,
  peerOf,
  receiverOf,
  senderOf,
  watchFrames,
} from './peer'
import { type Publisher, acceptMessage, publish } from './publisher'
import { type Pump, createPump } from './pump'
import { type NodeKind, answerRequest } from './requests'
import { subscribe } from './subscription'

/** Largest message of the service's standard tier. */
const maxMessageBytes = 1024 * 1024

const maxFrameBytes = 64 * 1024
/** Messages a producer may have under way on a link. */
const producerCredit = 300
/** Answers a client may leave unread before its request link is closed. */
const maxWaitingAnswers = 1000

/** What the broker serves, and its clock (epoch ms). */
export interface BrokerContext {
  readonly hubs: HubNodes
  readonly clock: () => number
  readonly idleTimeoutMs: number
}

/** The AMQP side of the hub. */
export interface Broker {
  readonly listen: (address: { readonly port: number; readonly host: string }) => Server
  readonly peers: ReadonlySet<Peer>
  /** The last thing that went wrong on a connection or with stored data, for `health`. */
  readonly lastFault: () => string | undefined
}

/** What a link is for. A responder is the link a request's answer goes back on. */
type Link =
  | { readonly kind: 'subscription'; readonly partition: Partition; readonly subscription: Subscription }
  | { readonly kind: 'responder'; readonly node: NodeKind; readonly outlet: Outlet; readonly waiting: Buffer[] }
  | { readonly kind: 'publisher'; readonly publisher: Publisher }
  | { readonly kind: 'request'; readonly node: NodeKind }

interface Client {
  readonly read: MessageReader
  readonly links: Map<PeerSender | PeerReceiver, Link>
}

type State = BrokerContext & {
  readonly clients: Map<Peer, Client>
  readonly pump: Pump
  readonly peers: Set<Peer>
  lastFault: string | undefined
}

/**
 * An AMQP 1.0 container that serves the hubs to whatever connects: `$cbs`, `$management`, producers and consumers.
 * Nothing is served before `listen` is called.
 */
export function createBroker(context: BrokerContext): Broker {
  const state: State = {
    ...context,
    clients: new Map(),
    peers: new Set(),
    lastFault: undefined,
    pump: createPump((outlet, error) => {
      state.lastFault = messageOf(error)
      outlet.sender.close({ condition: 'amqp:internal-error', description: messageOf(error) })
    }),
  }
  const container = create_container({
    id: 'tillstream-hub',
    receiver_options: { autoaccept: false, credit_window: producerCredit, max_message_size: maxMessageBytes },
  })
  allowEveryone(container)
  container.on('connection_open', (event: EventContext) => welcome(state, peerOf(event)))
  container.on('sender_open', (event: EventContext) => openSender(state, senderOf(event)))
  container.on('receiver_open', (event: EventContext) => openReceiver(state, receiverOf(event)))
  container.on('message', (event: EventContext) => receive(state, event))
  container.on('sender_close', (event: EventContext) => closeLink(state, peerOf(event), senderOf(event)))
  container.on('receiver_close', (event: EventContext) => closeLink(state, peerOf(event), receiverOf(event)))
  container.on('session_close', (event: EventContext) => closeSession(state, event))
  container.on('connection_close', (event: EventContext) => leave(state, peerOf(event)))
  container.on('disconnected', (event: EventContext) => leave(state, peerOf(event)))
  // rhea ends the connection itself after either; without a listener it would end the process.
  container.on('protocol_error', (error: unknown) => (state.lastFault = messageOf(error)))
  container.on('error', (error: unknown) => (state.lastFault = messageOf(error)))
  // What an open frame announces is taken from here and not from the container's options.
  const open = { max_frame_size: maxFrameBytes, idle_time_out: context.idleTimeoutMs, tcp_no_delay: true }
  return {
    listen: (address) => container.listen({ ...open, ...address }),
    peers: state.peers,
    lastFault: () => state.lastFault,
  }
}

/** MSSBCBS is what the .NET client asks for when a token is to follow on `$cbs`. */
function allowEveryone(container: Container): void {
  const mechanisms = container.sasl_server_mechanisms as Record<string, unknown> & {
    enable_anonymous(): void
    enable_plain(check: () => boolean): void
  }
  mechanisms.enable_anonymous()
  mechanisms.enable_plain(() => true)
  mechanisms['MSSBCBS'] = mechanisms['ANONYMOUS']
}

function welcome(state: State, peer: Peer): void {
  const links: Client['links'] = new Map()
  const resume = (): void => {
    for (const link of links.values()) {
      const outlet = outletOf(link)
      if (outlet) state.pump.schedule(outlet)
    }
  }
  state.clients.set(peer, { read: watchFrames(peer, { maxMessageBytes, onFlow: resume }), links })
  state.peers.add(peer)
  peer.socket.on('drain', resume)
  // rhea listens for 'end' and 'error' only, and misses a socket destroyed on this side.
  peer.socket.on('close', () => {
    peer._disconnected()
    leave(state, peer)
  })
}

function outletOf(link: Link): Outlet | undefined {
  switch (link.kind) {
    case 'subscription':
      return link.subscription.outlet
    case 'responder':
      return link.outlet
    case 'publisher':
    case 'request':
      return undefined
  }
}

function openSender(state: State, sender: PeerSender): void {
  const address = parseAddress(sender.source?.address)
  if (address.kind === 'cbs' || address.kind === 'management') {
    return register(state, sender, openResponder(sender, address.kind))
  }
  const opened = subscribe(sender, address, state)
  if (opened.kind === 'refused') return sender.close(opened.fault)
  register(state, sender, { ...opened, kind: 'subscription' })
}

function openResponder(sender: PeerSender, node: NodeKind): Link {
  sender.set_source({ address: sender.source.address ?? '' })
  sender.set_target({ address: sender.target?.address ?? '' })
  sender.local.attach.snd_settle_mode = 1
  const waiting: Buffer[] = []
  const outlet: Outlet = { sender, next: () => waiting.shift(), partial: undefined }
  return { kind: 'responder', node, outlet, waiting }
}

function openReceiver(state: State, receiver: PeerReceiver): void {
  const address = parseAddress(receiver.target?.address)
  if (address.kind === 'cbs' || address.kind === 'management') {
    receiver.set_target({ address: receiver.target.address ?? '' })
    receiver.set_source({ address: receiver.source?.address ?? '' })
    return register(state, receiver, { kind: 'request', node: address.kind })
  }
  const opened = publish(receiver, address, state.hubs)
  if (opened.kind === 'refused') return receiver.close(opened.fault)
  register(state, receiver, { kind: 'publisher', publisher: opened.publisher })
}

function register(state: State, link: PeerSender | PeerReceiver, use: Link): void {
  state.clients.get(link.connection)?.links.set(link, use)
}

function receive(state: State, event: EventContext): void {
  const client = state.clients.get(peerOf(event))
  if (!client) return
  const raw = client.read(event)
  const link = client.links.get(raw.receiver)
  switch (link?.kind) {
    case 'publisher':
      return receiveEvents(state, link.publisher, raw)
    case 'request':
      return receiveRequest(state, client, { raw, node: link.node })
    case 'subscription':
    case 'responder':
    case undefined:
      // A transfer that crossed the detach of its link.
      return raw.delivery.release()
  }
}

function receiveEvents(state: State, publisher: Publisher, raw: RawMessage): void {
  const outcome = acceptMessage(publisher, raw, { nowMs: state.clock(), maxMessageBytes })
  switch (outcome.kind) {
    case 'accepted':
      raw.delivery.accept()
      for (const { outlet } of outcome.partition.subscriptions) state.pump.schedule(outlet)
      return
    case 'rejected':
      return refuse(state, raw, outcome.fault)
    case 'aborted':
      return raw.delivery.update(true)
  }
}

/** Tells the sender; one that settled the message beforehand can only be told by closing its link. */
function refuse(state: State, raw: RawMessage, fault: AmqpFault): void {
  if (fault.condition === 'amqp:internal-error') state.lastFault = fault.description
  raw.delivery.reject(fault)
  if (raw.delivery.remote_settled) raw.receiver.close(fault)
}

function receiveRequest(state: State, client: Client, request: { raw: RawMessage; node: NodeKind }): void {
  const { raw, node } = request
  if (raw.withheld) return raw.delivery.reject({ condition: 'amqp:link:message-size-exceeded' })
  raw.delivery.accept()
  const answer = answerRequest(node, raw.payload, state.hubs, state.clock())
  const responder = findResponder(client, node, answer.replyTo)
  if (!responder) return
  if (responder.waiting.length >= maxWaitingAnswers) {
    const description = `${maxWaitingAnswers} answers are waiting; read them before asking more`
    return raw.receiver.close({ condition: 'amqp:resource-limit-exceeded', description })
  }
  responder.waiting.push(answer.payload)
  state.pump.schedule(responder.outlet)
}

/**
 * The link an answer goes back on. Clients name it in `reply-to` by the link's target address or its name, or not at
 * all when they have only one.
 */
function findResponder(client: Client, node: NodeKind, replyTo: string | undefined) {
  const responders = [...client.links.values()]
    .filter((link) => link.kind === 'responder')
    .filter((l) => l.node === node)
  const named = responders.find(
    ({ outlet: { sender } }) => replyTo === sender.target?.address || replyTo === sender.name,
  )
  return named ?? responders.at(-1)
}

function closeLink(state: State, peer: Peer, link: PeerSender | PeerReceiver): void {
  const client = state.clients.get(peer)
  const use = client?.links.get(link)
  if (!client || !use) return
  client.links.delete(link)
  const outlet = outletOf(use)
  if (outlet) state.pump.forget(outlet)
  if (use.kind === 'subscription') use.partition.subscriptions.delete(use.subscription)
}

function closeSession(state: State, event: EventContext): void {
  const peer = peerOf(event)
  for (const link of state.clients.get(peer)?.links.keys() ?? []) {
    if (Object.is(link.session, event.session)) closeLink(state, peer, link)
  }
}

function leave(state: State, peer: Peer): void {
  for (const link of state.clients.get(peer)?.links.keys() ?? []) closeLink(state, peer, link)
  state.clients.delete(peer)
  state.peers.delete(peer)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
