"""The places on disk that hold anything: scanned byte by byte after an erasure, and kept from filling up."""
