"""What belongs to the demo alone: not part of the tap, nor of the sandbox."""
