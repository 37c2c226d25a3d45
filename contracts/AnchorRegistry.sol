// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The heads of one transparency log, in the order in which they were anchored.
/// @notice One contract holds one log: its slots lie at fixed places, so that one storage proof shows them, and nobody
/// has to decide who may claim a log's name in a shared table. It cannot be upgraded and takes no ether.
/// @dev It sees that a head names its predecessor and is larger. It cannot see whether the larger tree really begins
/// with the smaller one: that takes a consistency proof, which the anchorer and every monitor check outside the chain.
contract AnchorRegistry {
    // Places that `eth_getProof` is asked for. Their order is part of the contract's interface.
    /// slot 0: root of the latest head; before the first one, the root of the empty tree.
    bytes32 private _root;
    /// slot 1, low 64 bits: number of entries of the latest head.
    uint64 private _size;
    /// slot 1, next 64 bits: the block that anchored it.
    uint64 private _block;
    /// slot 2: SHA-256 of the log's name [C2SP tlog-checkpoint, first line].
    bytes32 public origin;
    /// slot 3: the account that may anchor.
    address public anchorer;
    /// slot 4: the account that may become the anchorer by accepting.
    address public offered;
    /// slot 5: the account that may offer the role. It never changes: where people change, let it be a multisignature account.
    address public owner;

    event Anchored(uint64 indexed size, bytes32 root, bytes32 prevRoot);
    event AnchorerOffered(address indexed account);
    event AnchorerChanged(address indexed account);

    error NotOwner();
    error NotAnchorer();
    error NotOffered();
    /// The size does not exceed the latest one.
    error NotLarger(uint64 size, uint64 latest);
    /// The head follows another root than the latest one.
    error Forked(bytes32 prevRoot, bytes32 latest);
    /// No log, or no anchorer, has this name.
    error Nobody();

    constructor(bytes32 originHash, address firstAnchorer) {
        if (originHash == 0 || firstAnchorer == address(0)) revert Nobody();
        owner = msg.sender;
        anchorer = firstAnchorer;
        origin = originHash;
        _root = sha256("");
        emit AnchorerChanged(firstAnchorer);
    }

    /// Records that the log has `size` entries under `root`, after the head with `prevRoot`.
    function anchor(uint64 size, bytes32 root, bytes32 prevRoot) external {
        if (msg.sender != anchorer) revert NotAnchorer();
        uint64 latestSize = _size;
        if (size <= latestSize) revert NotLarger(size, latestSize);
        bytes32 latestRoot = _root;
        if (prevRoot != latestRoot) revert Forked(prevRoot, latestRoot);
        _root = root;
        _size = size;
        _block = uint64(block.number);
        emit Anchored(size, root, prevRoot);
    }

    /// The latest head and the block that anchored it.
    function latest() external view returns (uint64 size, bytes32 root, uint64 blockNumber) {
        return (_size, _root, _block);
    }

    /// Offers the anchorer's role. The present anchorer keeps it until `account` accepts. Zero takes an offer back.
    function offerAnchorer(address account) external {
        if (msg.sender != owner) revert NotOwner();
        offered = account;
        emit AnchorerOffered(account);
    }

    /// Takes the role that was offered to the caller.
    function acceptAnchorer() external {
        if (msg.sender != offered) revert NotOffered();
        anchorer = msg.sender;
        offered = address(0);
        emit AnchorerChanged(msg.sender);
    }
}
