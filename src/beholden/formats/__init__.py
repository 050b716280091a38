"""What the log, receipts and manifests look like outside: signed notes, tiles, bundles."""
