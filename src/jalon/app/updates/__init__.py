"""Updates of firmware and configuration, in stages."""
