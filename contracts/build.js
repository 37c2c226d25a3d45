// Compiles AnchorRegistry.sol and prints the artifact: ABI, creation code, runtime code and how they were made.
import { readFileSync } from 'node:fs';
import solc from 'solc';

const name = 'AnchorRegistry';
const settings = {
  // Paris is before PUSH0, so that chains that never took the later forks run the code.
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 200 },
  // No hash of the sources in the code: a changed comment does not change the code.
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'storageLayout'] } },
};
const sources = { [`${name}.sol`]: { content: readFileSync(new URL(`${name}.sol`, import.meta.url), 'utf8') } };
const output = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })));
for (const { formattedMessage } of output.errors ?? []) process.stderr.write(formattedMessage);
if (output.errors?.length) process.exit(1);

const { abi, evm, storageLayout } = output.contracts[`${name}.sol`][name];
const { evmVersion, optimizer } = settings;
const artifact = {
  contractName: name,
  compiler: { solc: solc.version(), evmVersion, optimizer },
  abi,
  storage: storageLayout.storage.map(({ label, slot, offset }) => ({ label, slot, offset })),
  bytecode: `0x${evm.bytecode.object}`,
  deployedBytecode: `0x${evm.deployedBytecode.object}`,
};
process.stdout.write(`${JSON.stringify(artifact, null, 2)}\n`);
