"""Paper and pictures: the label PDF and QR codes. Plain values in, bytes or markup out."""
