import {
  DataLakeServiceClient,
  type DataLakeFileClient,
  type DataLakeFileSystemClient,
} from '@azure/storage-file-datalake'
import { openLocalAccount, type LocalAccount } from './local-account'

/** A gateway with Azurite behind it for the tests of one file, each in a folder of its own. */
export interface GatewayStage {
  readonly account: LocalAccount
  readonly service: DataLakeServiceClient
  readonly lake: DataLakeFileSystemClient
  /** This test's folder. */
  readonly folder: string
  fileOf(name: string): DataLakeFileClient
  /** Makes a file of this test's folder with this content. */
  written(name: string, text: string): Promise<DataLakeFileClient>
  contentOf(name: string): Promise<string>
}

/** Sets the stage up before the tests of the calling file and takes it down after them; requests are sent once. */
export function gatewayStage(container: string): GatewayStage {
  let account: LocalAccount
  let service: DataLakeServiceClient
  let tests = 0
  beforeAll(async () => {
    account = await openLocalAccount(container)
    service = new DataLakeServiceClient(account.url, account.credential, { retryOptions: { maxTries: 1 } })
  })
  afterAll(() => account?.close())
  beforeEach(() => {
    tests += 1
  })
  return {
    get account() {
      return account
    },
    get service() {
      return service
    },
    get lake() {
      return service.getFileSystemClient(container)
    },
    get folder() {
      return `t${tests}`
    },
    fileOf(name) {
      return this.lake.getFileClient(`${this.folder}/${name}`)
    },
    async written(name, text) {
      const file = this.fileOf(name)
      await file.create()
      if (text !== '') await file.append(text, 0, Buffer.byteLength(text), { flush: true })
      return file
    },
    async contentOf(name) {
      return (await this.fileOf(name).readToBuffer()).toString()
    },
  }
}
